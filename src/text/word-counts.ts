// Counts the distinct words of a corpus as it streams by. Knows nothing of merges.
import type { AddedTokens } from './added-tokens.js';
import type { PreTokenizer } from './pre-tokenizer.js';
import { wellFormed } from './unicode.js';
import { WordTable } from './word-table.js';

/** How often each word occurs; memory grows with the number of distinct words, not with the corpus. */
export class WordCounts {
  readonly words = new WordTable();
  /** How often the word with this index occurred. */
  readonly counts: number[] = [];
  /** Bytes of text read so far. */
  bytesRead = 0;
  private readonly added: AddedTokens;
  private readonly preTokenizer: PreTokenizer;

  /** @param added tokens that are no words and are left out */
  constructor(added: AddedTokens, preTokenizer: PreTokenizer) {
    this.added = added;
    this.preTokenizer = preTokenizer;
  }

  /** Counts the words of a piece of text. */
  add(piece: string): void {
    for (const { text, token } of this.added.segments(wellFormed(piece))) {
      if (token === undefined) this.addPlain(text);
    }
  }

  private addPlain(text: string): void {
    this.preTokenizer.eachWord(text, (bytes, start, end) => {
      const index = this.words.add(bytes, start, end);
      if (index === this.counts.length) this.counts.push(1);
      else this.counts[index] = (this.counts[index] as number) + 1;
      this.bytesRead += end - start;
    });
  }
}
