// Beam search against exhaustive search, and against a plain form that never stops early.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BeamOptions } from './beam-options.js';
import type { ToyModel } from '../../test/support/toy-rows.js';
import type { Hypothesis } from './beam-search.js';
import { endToken, startToken, toyModel, toyRows } from '../../test/support/toy-rows.js';
import { lengthDivisor } from './beam-options.js';
import { beamSearch } from './beam-search.js';
import { tokensNotAllowed } from './token-rules.js';

type Scored = Pick<Hypothesis, 'tokens' | 'score'>;

/** All texts that can be written, best first. */
function exhaustive(model: ToyModel, text: number, options: BeamOptions): Scored[] {
  const { maxTokens, lengthPenalty = 1, coveragePenalty = 0 } = options;
  const found: Scored[] = [];
  const score = (logProbability: number, length: number, before: readonly number[]): number =>
    logProbability / lengthDivisor(length, lengthPenalty) +
    (coveragePenalty === 0 ? 0 : coveragePenalty * model.coverage(text, [startToken, ...before]));
  const visit = (tokens: readonly number[], logProbability: number): void => {
    const refused = tokensNotAllowed(tokens, endToken, options);
    model.logProbabilities(text, tokens).forEach((change, token) => {
      if (refused.has(token)) return;
      const total = logProbability + change;
      const length = tokens.length + 1;
      if (token === endToken) found.push({ tokens, score: score(total, length, tokens) });
      else if (length === maxTokens)
        found.push({ tokens: [...tokens, token], score: score(total, length, tokens) });
      else visit([...tokens, token], total);
    });
  };
  visit([], 0);
  return found.sort((a, b) => b.score - a.score);
}

const shown = (results: readonly Scored[]): string[] =>
  results.map(({ tokens, score }) => `${tokens.join()} ${score.toFixed(5)}`);

/** Of the tokens of toy models some go on with words. */
const startsWord = (token: number): boolean => token % 2 === 1;

const optionsOf = fc.record({
  lengthPenalty: fc.constantFrom(-0.5, 0, 0.6, 1, 2),
  coveragePenalty: fc.constantFrom(0, 0.4),
  noRepeatNgram: fc.constantFrom(0, 1, 2),
  noRepeatWords: fc.constantFrom(0, 1, 2),
  startsWord: fc.constantFrom(undefined, startsWord),
  minTokens: fc.constantFrom(0, 2),
  banned: fc.constantFrom([], [[2]], [[1, 2], [3]]),
});

describe('beamSearch', () => {
  it('finds what exhaustive search finds when there are beams enough', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), optionsOf, async (seed, chosen) => {
        const model = toyModel(seed, 4);
        const options = { ...chosen, startToken, endToken, maxTokens: 4, beams: 81, results: 81 };
        const found = await beamSearch(toyRows(model, 2, 81), options);
        found.forEach((results, text) => {
          expect(shown(results)).toEqual(shown(exhaustive(model, text, options)).slice(0, 81));
        });
      }),
      { numRuns: 40 },
    );
  });

  it('stops early without changing any result', async () => {
    let saved = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1e6 }),
        optionsOf,
        fc.integer({ min: 2, max: 4 }),
        async (seed, chosen, beams) => {
          const model = toyModel(seed, 5);
          const options = { ...chosen, startToken, endToken, maxTokens: 9, beams, results: beams };
          const rows = toyRows(model, 1, beams);
          const [found = []] = await beamSearch(rows, options);
          expect(shown(found)).toEqual(shown(plainBeams(model, options, beams)));
          saved += 9 - rows.steps;
        },
      ),
      { numRuns: 200 },
    );
    expect(saved).toBeGreaterThan(0);
  });

  it('takes the likeliest token each time with one beam', async () => {
    const model = toyModel(5, 6);
    const [[result] = []] = await beamSearch(toyRows(model, 1, 1), {
      startToken,
      endToken,
      maxTokens: 12,
      beams: 1,
    });
    const expected: number[] = [];
    for (;;) {
      const scores = model.logProbabilities(0, expected);
      const token = scores.indexOf(Math.max(...scores));
      if (token === endToken || expected.length === 12) break;
      expected.push(token);
    }
    expect(result?.tokens).toEqual(expected.slice(0, 12));
  });

  it('searches every text for itself: order and company change nothing', async () => {
    const model = toyModel(8, 5);
    const options = { startToken, endToken, maxTokens: 7, beams: 3, results: 2 };
    const together = await beamSearch(toyRows(model, 3, 3), options);
    for (let text = 0; text < 3; text++) {
      const alone = {
        ...model,
        logProbabilities: (_: number, written: readonly number[]) => model.logProbabilities(text, written),
      };
      const [found = []] = await beamSearch(toyRows(alone, 1, 3), options);
      expect(shown(found)).toEqual(shown(together[text] ?? []));
    }
  });

  it('lets finished texts leave, and finds the same', async () => {
    let saved = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), optionsOf, async (seed, chosen) => {
        const model = toyModel(seed, 5);
        const options = { ...chosen, startToken, endToken, maxTokens: 24, beams: 3, results: 3 };
        const [leaving, staying] = [toyRows(model, 20, 3), toyRows(model, 20, 3)];
        const found = await beamSearch(leaving, options);
        const { keep: _, ...whole } = staying;
        expect(found.map(shown)).toEqual((await beamSearch(whole, options)).map(shown));
        expect(leaving.steps).toBe(staying.steps);
        saved += staying.cost - leaving.cost;
      }),
      { numRuns: 30 },
    );
    expect(saved).toBeGreaterThan(0);
  });

  it('begins with forced tokens, which cost nothing, and ends where it must', async () => {
    const model = toyModel(3, 5);
    const options = { startToken, endToken, maxTokens: 5, beams: 2, prefix: [4, 4], forceEnd: true };
    const [[result] = []] = await beamSearch(toyRows(model, 1, 2), options);
    expect(result?.tokens.slice(0, 2)).toEqual([4, 4]);
    expect(result?.finish).toBe('end');
    expect(result?.tokens.length).toBeLessThan(5);
    let expected = 0;
    const tokens = result?.tokens ?? [];
    for (let i = 2; i <= tokens.length; i++)
      expected += model.logProbabilities(0, tokens.slice(0, i))[tokens[i] ?? endToken] ?? 0;
    expect(result?.logProbability).toBeCloseTo(expected, 5);
  });

  it('gives groups different texts: each avoids what earlier ones chose in the same step', async () => {
    const model = toyModel(2, 6);
    const common = { startToken, endToken, maxTokens: 6, beams: 4, results: 4 };
    const firstTokens = async (options: Partial<BeamOptions>): Promise<Set<number | undefined>> => {
      const [found = []] = await beamSearch(toyRows(model, 1, 4), { ...common, ...options });
      return new Set(found.map(({ tokens }) => tokens[0]));
    };
    const apart = await firstTokens({ groups: 4, diversityPenalty: 100 });
    expect(apart.size).toBe(4);
    expect((await firstTokens({ groups: 4, diversityPenalty: 0 })).size).toBe(1);
  });

  it('returns fewer texts when there are no more, and none that a rule forbids', async () => {
    const model = toyModel(1, 2);
    const [found = []] = await beamSearch(toyRows(model, 1, 5), {
      startToken,
      endToken,
      maxTokens: 3,
      beams: 5,
      results: 5,
      noRepeatNgram: 1,
    });
    expect(found.map(({ tokens }) => tokens).sort((a, b) => a.length - b.length)).toEqual([[], [1]]);
  });

  it.each([
    [{ beams: 0 }, 'beams is 0'],
    [{ groups: 2, beams: 5 }, 'groups is 2; it must be a whole number that divides the 5 beams'],
    [{ results: 9 }, 'results is 9; it must be a whole number from 1 to the 5 beams'],
    [{ minTokens: 4 }, 'minTokens is 4; it must be less than maxTokens, 4'],
    [{ noRepeatNgram: -1 }, 'noRepeatNgram is -1'],
    [{ noRepeatWords: 1.5 }, 'noRepeatWords is 1.5'],
    [{ banned: [[]] }, 'A banned sequence is empty'],
    [{ lengthPenalty: Number.NaN }, 'lengthPenalty is NaN'],
  ])('refuses %j', async (wrong, message) => {
    const rows = toyRows(toyModel(1, 3), 1, 5);
    await expect(beamSearch(rows, { startToken, endToken, maxTokens: 4, ...wrong })).rejects.toThrow(message);
  });

  it('stops when it is told to', async () => {
    const rows = toyRows(toyModel(1, 3), 1, 5);
    const signal = AbortSignal.abort();
    await expect(beamSearch(rows, { startToken, endToken, maxTokens: 4, signal })).rejects.toThrow(
      'The work was cancelled.',
    );
  });
});

/** Beam search in its plainest form: every step to the end, all continuations sorted, everything that ended kept. */
function plainBeams(model: ToyModel, options: BeamOptions, beams: number): Scored[] {
  const { maxTokens, lengthPenalty = 1, coveragePenalty = 0 } = options;
  let live = [{ tokens: [] as readonly number[], logProbability: 0 }];
  let ended: Scored[] = [];
  for (let step = 0; step < maxTokens; step++) {
    const all = live.flatMap((from, row) => {
      const refused = tokensNotAllowed(from.tokens, endToken, options);
      const continued = model.logProbabilities(0, from.tokens).map((change, token) => ({
        from,
        row,
        token,
        logProbability: from.logProbability + change,
      }));
      return continued.filter(({ token }) => !refused.has(token));
    });
    all.sort((a, b) => b.logProbability - a.logProbability || a.row - b.row || a.token - b.token);
    const score = ({ from, logProbability }: (typeof all)[number]): number =>
      logProbability / lengthDivisor(from.tokens.length + 1, lengthPenalty) +
      (coveragePenalty === 0 ? 0 : coveragePenalty * model.coverage(0, [startToken, ...from.tokens]));
    const ends = all.slice(0, beams).filter(({ token }) => token === endToken);
    const goOn = all.filter(({ token }) => token !== endToken).slice(0, beams);
    ended.push(...ends.map((end) => ({ tokens: end.from.tokens, score: score(end) })));
    live = goOn.map(({ from, token, logProbability }) => ({
      tokens: [...from.tokens, token],
      logProbability,
    }));
    if (step === maxTokens - 1)
      ended.push(...goOn.map((cut) => ({ tokens: [...cut.from.tokens, cut.token], score: score(cut) })));
    ended = ended.sort((a, b) => b.score - a.score).slice(0, beams);
  }
  return ended;
}
