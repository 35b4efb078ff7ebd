// Why a generator gave no answer, and whether asking again may help. Knows no generator.
import type { MnemeErrorOptions } from '../../core/errors.js';
import { MnemeError } from '../../core/errors.js';

/**
 * `unreachable`: nobody answers at the address. `timeout`: it takes too long. `broken`: what came is not what was agreed, or
 * ended early. `refused`: the key is wrong or missing. `overloaded`: too many requests, or the server is not well.
 * `too-long`: the prompt and its answer are over the model's window, whatever was counted here. `rejected`: it does not want
 * this request, whoever sends it how often.
 */
export type GeneratorFailure =
  'unreachable' | 'timeout' | 'broken' | 'refused' | 'overloaded' | 'too-long' | 'rejected';

const passing: ReadonlySet<GeneratorFailure> = new Set(['unreachable', 'timeout', 'broken', 'overloaded']);

/** A generator that was asked and did not answer; `retry` says whether to ask again. What becomes of what it was asked it does not know. */
export class GeneratorError extends MnemeError {
  readonly failure: GeneratorFailure;
  /** Whether the same request may succeed later. */
  readonly retry: boolean;

  constructor(failure: GeneratorFailure, message: string, options: MnemeErrorOptions = {}) {
    const retry = passing.has(failure);
    super('generator', message, { ...options, fields: { failure, retry, ...options.fields } });
    this.failure = failure;
    this.retry = retry;
  }
}

/** The same failure, told by who has stored the message that was to be answered. */
export const withMessageKept = (error: GeneratorError): GeneratorError =>
  new GeneratorError(error.failure, `${error.message} Your message is kept.`, {
    fields: error.fields,
    cause: error,
  });

/** What an HTTP status other than success means. */
export function failureOfStatus(status: number): GeneratorFailure {
  if (status === 401 || status === 403) return 'refused';
  if (status === 408 || status === 504) return 'timeout';
  return status === 429 || status >= 500 ? 'overloaded' : 'rejected';
}
