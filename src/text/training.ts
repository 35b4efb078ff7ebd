// What training any tokenizer has in common: where text comes from, progress, cancellation. Knows nothing of tokens.
import { throwIfAborted } from '../core/abort.js';

/** Text in pieces, such as lines or documents. Only one piece at a time is held in memory; no word crosses from one into the next. */
export type TextPieces = Iterable<string> | AsyncIterable<string>;

/** Where the training of a tokenizer stands. */
export type TokenizerTrainingProgress =
  | { readonly phase: 'counting'; readonly bytes: number; readonly distinctWords: number }
  | {
      readonly phase: 'merging' | 'pruning';
      readonly vocabularySize: number;
      readonly targetSize: number;
    };

/** What every training of a tokenizer can be told. */
export interface TokenizerTrainingOptions {
  /** They get the ids 0, 1, ... and are never split. Where they occur in the training text, they are not counted. */
  readonly specialTokens?: readonly string[];
  /** Called a few times a second at most, and at the end of a phase. */
  readonly onProgress?: (progress: TokenizerTrainingProgress) => void;
  readonly signal?: AbortSignal;
}

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
