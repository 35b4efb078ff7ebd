// Cancellation through AbortSignal.
import { AbortedError } from './errors.js';

/** @throws {AbortedError} when the signal has fired */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError(undefined, { cause: signal.reason });
}
