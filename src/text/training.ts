// What training any tokenizer has in common: where text comes from, progress, cancellation. Knows nothing of tokens.
import { throwIfAborted } from '../core/abort.js';

/** Text in pieces, such as lines or documents. Only one piece at a time is held in memory; no word crosses from one into the next. */
export type TextPieces = Iterable<string> | AsyncIterable<string>;

const PAUSE_EVERY_MS = 50;

/** Long work on the event loop, interrupted now and then so that others can run, progress is seen and cancellation is heard. */
export class Pacer {
  private readonly signal: AbortSignal | undefined;
  private next = performance.now() + PAUSE_EVERY_MS;

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
    throwIfAborted(signal);
  }

  /** Whether it is time for `pause`. */
  get due(): boolean {
    return performance.now() >= this.next;
  }

  /** Lets the event loop turn once. @throws {AbortedError} when the signal has fired */
  async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      setTimeout(resolve);
    });
    throwIfAborted(this.signal);
    this.next = performance.now() + PAUSE_EVERY_MS;
  }
}
