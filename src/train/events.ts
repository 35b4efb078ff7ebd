// What a training run tells about itself, as plain data, and how fast it goes. Knows nothing of who listens.
import type { Evaluation } from './evaluator.js';

/** After each step. */
export interface StepEvent {
  readonly kind: 'step';
  readonly step: number;
  readonly steps: number;
  /** Mean over the step, in nats per token. */
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Epochs begun and completed, with the fraction of the current one. */
  readonly epoch: number;
  readonly tokensPerSecond: number;
  readonly secondsLeft: number;
}

export type TrainingEvent =
  | {
      readonly kind: 'started';
      /** Steps done before; 0 in a new run. */
      readonly step: number;
      readonly steps: number;
      readonly parameters: number;
      readonly trainTokens: number;
      readonly validationTokens: number;
    }
  | StepEvent
  | {
      readonly kind: 'evaluated';
      readonly step: number;
      readonly evaluation: Evaluation;
      readonly isBest: boolean;
    }
  | { readonly kind: 'saved'; readonly step: number; readonly isBest: boolean };

/** Weight of the newest step in the moving mean of step times. */
const newest = 0.05;

/** Measures steps: a moving mean, so that a pause shows and passes. */
export class Pace {
  private secondsPerStep = 0;
  private measured = 0;

  /** Steps measured. */
  get count(): number {
    return this.measured;
  }

  add(seconds: number): void {
    this.measured++;
    const weight = Math.max(newest, 1 / this.measured);
    this.secondsPerStep += weight * (seconds - this.secondsPerStep);
  }

  tokensPerSecond(tokensPerStep: number): number {
    return this.secondsPerStep === 0 ? 0 : tokensPerStep / this.secondsPerStep;
  }

  secondsFor(steps: number): number {
    return steps * this.secondsPerStep;
  }
}
