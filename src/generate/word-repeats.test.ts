// The rule that words do not repeat, against all texts of tiny vocabularies, each looked at as it is written out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenRules } from './token-rules.js';
import { endToken, startToken, toyModel, toyRows } from '../../test/support/toy-rows.js';
import { beamSearch } from './beam-search.js';
import { sampleTexts } from './sample-texts.js';
import { tokensNotAllowed } from './token-rules.js';

const vocabularySize = 5;

/** A vocabulary as people see it: tokens with a space start words. Token 0 ends texts. */
const spellings = ['', ' a', ' b', 'a', 'b'] as const;
const startsWord = (token: number): boolean => spellings[token]?.startsWith(' ') ?? false;

/** Each token in brackets, so that `ab` of one token is not `ab` of two. */
function written(tokens: readonly number[]): string {
  return tokens.map((token, i) => `${startsWord(token) && i > 0 ? ' ' : ''}[${token}]`).join('');
}

/**
 * Whether some words of a text, the last of them perhaps not at its end yet, are spelled as whole words before: looked for in
 * every beginning of the text by itself, as strings.
 */
function repeats(tokens: readonly number[], size: number): boolean {
  return tokens.some((_, i) => {
    const words = written(tokens.slice(0, i + 1)).split(' ');
    const last = words.slice(-size).join(' ');
    return words
      .slice(0, -1)
      .some((_, end) => end + 1 >= size && words.slice(end + 1 - size, end + 1).join(' ') === last);
  });
}

/** All sequences of tokens, `length` of them at most, that `isAllowed` says of each of their beginnings. */
function textsOf(length: number, isAllowed: (tokens: readonly number[]) => boolean): number[][] {
  const found: number[][] = [];
  const visit = (tokens: readonly number[]): void => {
    found.push([...tokens]);
    if (tokens.length === length) return;
    for (let token = 1; token < vocabularySize; token++)
      if (isAllowed([...tokens, token])) visit([...tokens, token]);
  };
  visit([]);
  return found;
}

const everything = textsOf(6, () => true);

describe('words that do not repeat', () => {
  it.each([1, 2, 3])(
    'refuses the tokens that make a sequence of %i words occur twice, and no others',
    (size) => {
      const rules: TokenRules = { noRepeatWords: size, startsWord };
      for (const tokens of everything) {
        if (repeats(tokens, size)) continue;
        const expected = [1, 2, 3, 4].filter((token) => repeats([...tokens, token], size));
        expect([...tokensNotAllowed(tokens, endToken, rules)].sort(), written(tokens)).toEqual(expected);
      }
    },
  );

  it('leaves no whole words that occur twice, however a text ends', () => {
    const rules: TokenRules = { noRepeatWords: 2, startsWord };
    const isAllowed = (tokens: readonly number[]): boolean =>
      !tokensNotAllowed(tokens.slice(0, -1), endToken, rules).has(tokens.at(-1) ?? endToken);
    for (const tokens of textsOf(6, isAllowed)) {
      const words = written(tokens).split(' ');
      const pairs = words.slice(1).map((word, i) => `${words[i]} ${word}`);
      expect(new Set(pairs).size, written(tokens)).toBe(pairs.length);
    }
  });

  it('is the rule of tokens where each token is a word', () => {
    for (const tokens of everything)
      for (const size of [1, 2, 3])
        expect(tokensNotAllowed(tokens, endToken, { noRepeatWords: size }), tokens.join()).toEqual(
          tokensNotAllowed(tokens, endToken, { noRepeatNgram: size }),
        );
  });

  it('knows the first word again, which has no space in front of it', () => {
    const behindWords = (token: number): number => (token === 3 ? 1 : token === 4 ? 2 : token);
    const tokens = [3, 2, 2]; // "a", " b", " b"
    const rules: TokenRules = { noRepeatWords: 1, startsWord };
    expect([...tokensNotAllowed(tokens, endToken, rules)]).toEqual([2]);
    expect([...tokensNotAllowed(tokens, endToken, { ...rules, behindWords })].sort()).toEqual([1, 2]);
  });

  it('lets pieces of words occur again which the rule of tokens forbids', () => {
    const tokens = [1, 3, 4, 2, 3]; // " a", "a", "b", " b", "a": a word "aab", and the beginning of "bab".
    expect([...tokensNotAllowed(tokens, endToken, { noRepeatNgram: 2 })]).toEqual([4]);
    expect([...tokensNotAllowed(tokens, endToken, { noRepeatWords: 2, startsWord })]).toEqual([]);
  });
});

describe('searching and drawing without words that repeat', () => {
  const common = { startToken, endToken, startsWord };
  const seeds = fc.integer({ min: 0, max: 1e6 });

  it('finds the best of all texts that keep to it, and greedily the likeliest token of those allowed', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.constantFrom(1, 2), async (seed, size) => {
        const model = toyModel(seed, vocabularySize);
        const maxTokens = 4;
        const probabilityOf = (tokens: readonly number[]): number =>
          tokens.reduce(
            (sum, token, i) => sum + (model.logProbabilities(0, tokens.slice(0, i))[token] ?? 0),
            0,
          );
        const scored = everything
          .filter((tokens) => tokens.length <= maxTokens && !repeats(tokens, size))
          .map((tokens) => (tokens.length < maxTokens ? tokens.concat(endToken) : tokens))
          .map((tokens) => ({
            tokens: tokens.filter((token) => token !== endToken),
            score: probabilityOf(tokens),
          }))
          .sort((a, b) => b.score - a.score);
        const own = { ...common, maxTokens, noRepeatWords: size, lengthPenalty: 0 };
        const [[best] = []] = await beamSearch(toyRows(model, 1, 400), { ...own, beams: 400 });
        expect(best?.tokens).toEqual(scored[0]?.tokens);
        expect(best?.score).toBeCloseTo(scored[0]?.score ?? NaN, 4);
        const [[greedy] = []] = await beamSearch(toyRows(model, 1, 1), { ...own, maxTokens: 8, beams: 1 });
        greedy?.tokens.forEach((token, i) => {
          const before = greedy.tokens.slice(0, i);
          const scores = model
            .logProbabilities(0, before)
            .map((score, next) =>
              next !== endToken && repeats([...before, next], size) ? -Infinity : score,
            );
          expect(token).toBe(scores.indexOf(Math.max(...scores)));
        });
      }),
      { numRuns: 25 },
    );
  });

  it('holds in batches that become smaller, and finds the same there', async () => {
    const own = { ...common, maxTokens: 24, noRepeatWords: 2 };
    const model = toyModel(11, vocabularySize);
    const [leaving, staying] = [toyRows(model, 20, 3), toyRows(model, 20, 3)];
    const { keep: _, ...whole } = staying;
    const found = await beamSearch(leaving, { ...own, beams: 3, results: 3 });
    expect(found).toEqual(await beamSearch(whole, { ...own, beams: 3, results: 3 }));
    expect(leaving.cost).toBeLessThan(staying.cost);
    for (const { tokens } of found.flat()) expect(repeats(tokens, 2), written(tokens)).toBe(false);
  });

  it('draws every text that keeps to it, and no other, also in batches that become smaller', async () => {
    const own = { ...common, maxTokens: 3, noRepeatWords: 1, seed: 5 };
    const model = {
      ...toyModel(3, vocabularySize),
      logProbabilities: () => spellings.map(() => -Math.log(5)),
    };
    const drawn = await sampleTexts(toyRows(model, 1, 4000), { ...own, samples: 4000 });
    const distinct = new Set(drawn.flat().map(({ tokens }) => tokens.join()));
    const expected = everything.filter((tokens) => tokens.length <= 3 && !repeats(tokens, 1));
    expect([...distinct].sort()).toEqual(expected.map((tokens) => tokens.join()).sort());
    const long = { ...own, maxTokens: 24, samples: 2 };
    const leaving = toyRows(model, 30, 2);
    const { keep: _, ...whole } = toyRows(model, 30, 2);
    const found = await sampleTexts(leaving, long);
    expect(found).toEqual(await sampleTexts(whole, long));
    expect(leaving.texts).toBeLessThan(30);
    for (const { tokens } of found.flat()) expect(repeats(tokens, 1), written(tokens)).toBe(false);
  });
});
