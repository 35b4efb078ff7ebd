// At which tokens words start, by the texts that tokens stand for.
import { describe, expect, it } from 'vitest';
import type { Tokenizer } from './tokenizer.js';
import { trainBpe } from './bpe-training.js';
import { trainUnigram } from './unigram-training.js';
import { trainWordPiece } from './word-piece-training.js';
import { behindWords, wordStarts } from './word-starts.js';

const corpus = [
  'the lower towers are lower than the lowest towers, #person1# says\n',
  '我们喜欢北京大学。我们读书。\n',
];
const tokenizers: readonly (readonly [string, Tokenizer])[] = [
  ['byte-level-bpe', await trainBpe(corpus, { vocabularySize: 300, minimumFrequency: 1 })],
  ['unigram', await trainUnigram(corpus, { vocabularySize: 90, characterCoverage: 1 })],
  ['word-piece', await trainWordPiece(corpus, { vocabularySize: 120 })],
];

/** The words of a text, by the texts of its tokens. */
function wordsOf(text: string, tokenizer: Tokenizer): string[] {
  const startsWord = wordStarts(tokenizer);
  const words: number[][] = [];
  for (const id of tokenizer.encode(text)) {
    if (words.length === 0 || startsWord(id)) words.push([]);
    words.at(-1)?.push(id);
  }
  return words.map((ids) => tokenizer.decode(ids).trim());
}

describe.each(tokenizers)('with %s', (_, tokenizer) => {
  it('finds the words of a text that parts them by spaces', () => {
    const text = 'the towers are lower than the lowest';
    expect(wordsOf(text, tokenizer)).toEqual(text.split(' '));
  });

  it('begins anew with Chinese characters, whole or in bytes, and leaves punctuation where it stands', () => {
    const words = wordsOf('the我们读书。', tokenizer);
    expect(words[0]).toBe('the');
    expect(words.join('')).toBe('the我们读书。');
    expect(words.length).toBeGreaterThan(2);
    for (const word of words.slice(1)) expect(word).toMatch(/^\p{Script=Han}/u);
  });
});

it.each(tokenizers)('finds the token behind a space of one at the beginning: %s', (_, tokenizer) => {
  const [first = -1] = tokenizer.encode('the lower');
  const [, second = -1] = tokenizer.encode('the the');
  expect(behindWords(tokenizer)(first)).toBe(second);
  const [han = -1] = tokenizer.encode('the我').slice(-1);
  if (wordStarts(tokenizer)(han)) expect(behindWords(tokenizer)(han)).toBe(han);
});

it('keeps a name of several tokens together, in bytes with its signs', async () => {
  const tokenizer = await trainBpe(corpus, { vocabularySize: 270, minimumFrequency: 1 });
  expect(tokenizer.encode(' #person1#').length).toBeGreaterThan(2);
  expect(wordsOf('the #person1# says', tokenizer)).toEqual(['the', '#person1#', 'says']);
});
