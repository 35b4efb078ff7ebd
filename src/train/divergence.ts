// What is said when a loss or a gradient is not finite any more. Knows nothing of why.
import type { StepOutputs } from './training-step.js';
import { NonFiniteError } from '../core/errors.js';

/** Whether a step may be applied. */
export function isFiniteStep({ loss, gradientNorm }: StepOutputs<number>): boolean {
  return Number.isFinite(loss) && Number.isFinite(gradientNorm);
}

/** What else is known when training stops being finite. */
export interface Divergence {
  /** The first tensor that is not finite, in words. */
  readonly tensor?: string | undefined;
  /** The step of the last checkpoint. */
  readonly savedStep?: number | undefined;
}

/** What is thrown for a step whose outputs are not finite. */
export function divergedStep(
  step: number,
  { loss, gradientNorm }: Pick<StepOutputs<number>, 'loss' | 'gradientNorm'> = {
    loss: NaN,
    gradientNorm: NaN,
  },
  divergence: Divergence,
): NonFiniteError {
  return Number.isFinite(loss)
    ? diverged(step, 'the gradient norm', gradientNorm, divergence)
    : diverged(step, 'the loss', loss, divergence);
}

/** What is thrown when training stops being finite. */
export function diverged(
  step: number,
  what: string,
  value: number,
  { tensor, savedStep }: Divergence = {},
): NonFiniteError {
  const first = tensor === undefined ? '' : ` The first tensor that is not finite is the ${tensor}.`;
  const kept = savedStep === undefined ? '' : ` The checkpoint of step ${savedStep} is kept.`;
  return new NonFiniteError(
    `Training stopped at step ${step}: ${what} is ${value}.${first}${kept} Lower the learning rate, warm up longer or clip gradients (clipNorm), and train anew.`,
    { fields: { step, tensor, savedStep } },
  );
}
