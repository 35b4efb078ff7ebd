// What a training run tells about itself, as plain data, and how fast it goes. Knows nothing of who listens.
import type { Evaluation } from './evaluator.js';
import type { Named } from './row-table.js';

/** After each step. */
export interface StepEvent {
  readonly kind: 'step';
  readonly step: number;
  readonly steps: number;
  /** Mean over the step, in nats per target. */
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Epochs begun and completed, with the fraction of the current one. */
  readonly epoch: number;
  readonly tokensPerSecond: number;
  readonly secondsLeft: number;
}

/** What a training run tells, whatever it learns from. @typeParam Counts how much there is to learn from @typeParam E what is measured on validation */
export type LoopEvent<Counts, E> =
  | ({
      readonly kind: 'started';
      /** Steps done before; 0 in a new run. */
      readonly step: number;
      readonly steps: number;
      readonly parameters: number;
    } & Counts)
  | StepEvent
  | {
      readonly kind: 'evaluated';
      readonly step: number;
      readonly evaluation: E;
      readonly isBest: boolean;
    }
  | { readonly kind: 'saved'; readonly step: number; readonly isBest: boolean };

export interface TokenCounts {
  readonly trainTokens: number;
  readonly validationTokens: number;
}

/** What training on a text tells. */
export type TrainingEvent = LoopEvent<TokenCounts, Evaluation>;

export interface ExampleCounts {
  readonly trainExamples: number;
  /** What decides which checkpoint is the best. */
  readonly metric: string | null;
}

/** What training on examples tells; an evaluation is the task's own metrics by name. */
export type ExampleTrainingEvent = LoopEvent<ExampleCounts, Named<number>>;

/** Weight of the newest step in the moving means. */
const newest = 0.05;

/** Measures steps: moving means, so that a pause shows and passes. */
export class Pace {
  private secondsPerStep = 0;
  private tokensPerStep = 0;
  private measured = 0;

  /** Steps measured. */
  get count(): number {
    return this.measured;
  }

  /** A step that took `seconds` and read `tokens`, padding included. */
  add(seconds: number, tokens: number): void {
    this.measured++;
    const weight = Math.max(newest, 1 / this.measured);
    this.secondsPerStep += weight * (seconds - this.secondsPerStep);
    this.tokensPerStep += weight * (tokens - this.tokensPerStep);
  }

  tokensPerSecond(): number {
    return this.secondsPerStep === 0 ? 0 : this.tokensPerStep / this.secondsPerStep;
  }

  secondsFor(steps: number): number {
    return steps * this.secondsPerStep;
  }
}
