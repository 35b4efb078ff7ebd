// A long sequence of token ids that can be read at any position. Knows nothing of where it is kept.
import { invariant } from '../core/errors.js';

/** Token ids by position, in memory or on disk. */
export interface Tokens {
  readonly count: number;
  /** Fills `target` with the ids from `start` on. All of them must lie in [0, count). */
  read(start: number, target: Int32Array): Promise<void>;
}

export type TokenArray = Int32Array | Uint16Array | Uint32Array;

/** Ids that are already in memory. */
export function tokensInMemory(ids: TokenArray): Tokens {
  return {
    count: ids.length,
    read: async (start, target) => {
      checkRange(start, target.length, ids.length);
      target.set(ids.subarray(start, start + target.length));
    },
  };
}

/** The tokens from `start` to before `end`, as a sequence of its own; nothing is copied. */
export function tokenRange(tokens: Tokens, start: number, end: number): Tokens {
  checkRange(start, end - start, tokens.count);
  return {
    count: end - start,
    read: (from, target) => {
      checkRange(from, target.length, end - start);
      return tokens.read(start + from, target);
    },
  };
}

export function checkRange(start: number, length: number, count: number): void {
  const inside = start >= 0 && length >= 0 && start + length <= count;
  invariant(inside, `Tokens ${start} to ${start + length} were asked of ${count}.`);
}
