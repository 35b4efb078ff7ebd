// Tokens laid over the bytes of words and merged in place. Knows nothing of which merges are worth making.

/** What stands before, between and after words. */
export const BOUNDARY = -(2 ** 31);
/** A slot in a token that is neither its first nor its last. */
const INSIDE = -1;

/**
 * A row of slots, one for each byte, with a BOUNDARY before and after each word. A token's first slot holds its id, its last slot,
 * when that is another one, holds minus its length: both neighbours of a token are found in one step and one array is enough.
 */
export class TokenChain {
  private readonly slots: Int32Array;
  private readonly lengths: ArrayLike<number>;

  /** @param slots one id for each byte and the boundaries; changed in place. @param lengths how many bytes each token has, by id */
  constructor(slots: Int32Array, lengths: ArrayLike<number>) {
    this.slots = slots;
    this.lengths = lengths;
  }

  /** The id of the token that starts at `position`; negative when none does. */
  at(position: number): number {
    return this.slots[position] as number;
  }

  /** Where the next token, or the boundary after the word, starts. `position` must be the start of a token. */
  next(position: number): number {
    return position + (this.lengths[this.slots[position] as number] as number);
  }

  /** Where the token before `position` starts, or where the boundary before the word is. */
  previous(position: number): number {
    const slot = this.slots[position - 1] as number;
    return slot >= 0 || slot === BOUNDARY ? position - 1 : position + slot;
  }

  /** Whether the tokens at `position` are `left` and then `right`. */
  holds(position: number, left: number, right: number): boolean {
    return this.slots[position] === left && this.slots[this.next(position)] === right;
  }

  /** Makes the token at `position` and the one after it a single token `id`. */
  merge(position: number, id: number): void {
    const second = this.next(position);
    const end = this.next(second);
    this.slots[second] = INSIDE;
    this.slots[end - 1] = position - end;
    this.slots[position] = id;
  }
}
