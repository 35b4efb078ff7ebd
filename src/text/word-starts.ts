// At which tokens words start, whatever kind the tokenizer is of. Knows nothing of models.
import type { Tokenizer } from './tokenizer.js';
import { bytesOfSpelling } from './byte-level.js';

/** White space before a token, or a character of a script that does not part words by spaces: each begins a word there. */
const start = /^(?:\s|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])/u;

/** First bytes in UTF-8 of U+3000 to U+9FFF: kana and Chinese characters. */
const isUnspacedLead = (byte: number): boolean => byte >= 0xe3 && byte <= 0xe9;

/**
 * Whether a token starts a word when it stands behind another: with white space in front of it, or with a character of a script
 * without spaces (Chinese, Japanese, Thai), also where it holds only the first bytes of one. Punctuation belongs to the word
 * that it stands at. Tokens are looked at when they are first asked for.
 *
 * @returns a predicate of token ids @throws {TokenizerError} when it is given an id outside the vocabulary
 */
export function wordStarts(tokenizer: Tokenizer): (id: number) => boolean {
  const known = new Map<number, boolean>();
  return (id) => {
    const found = known.get(id) ?? startsWord(id, tokenizer);
    known.set(id, found);
    return found;
  };
}

/**
 * For a token at the beginning of a text the token that spells the same behind a space, as ` the` does `the`; itself where there
 * is none, or where it begins words as it is.
 */
export function behindWords(tokenizer: Tokenizer): (id: number) => number {
  return (id) => {
    if (startsWord(id, tokenizer)) return id;
    const ids = tokenizer.encode(` ${tokenizer.decode([id])}`);
    return ids.length === 1 ? (ids[0] ?? id) : id;
  };
}

function startsWord(id: number, tokenizer: Tokenizer): boolean {
  const [once, twice] = [tokenizer.decode([id]), tokenizer.decode([id, id])];
  const behind = twice.slice(once.length); // As it is written behind a token, itself.
  if (!behind.startsWith('\uFFFD')) return start.test(behind);
  const [byte = 0] = bytesOfSpelling(tokenizer.tokenOf(id) ?? '') ?? [];
  return isUnspacedLead(byte);
}
