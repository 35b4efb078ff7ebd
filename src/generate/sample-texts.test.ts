// Texts that are drawn, over rows whose probabilities are known.
import { describe, expect, it } from 'vitest';
import type { Candidates } from './beam-search.js';
import { sampleTexts } from './sample-texts.js';

const [startToken, endToken] = [0, 1];
const options = { startToken, endToken, maxTokens: 6 };

/** Rows whose next token has the same probabilities whatever came before. */
function rowsOf(texts: number, probabilities: readonly number[]) {
  const order = [...probabilities.keys()].sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
  const wanted: number[] = [];
  return {
    texts,
    wanted,
    vocabularySize: probabilities.length,
    async step(tokens: Int32Array, _: Int32Array, count: number): Promise<Candidates> {
      wanted.push(count);
      const candidates = order.slice(0, count);
      const rows = [...tokens];
      return {
        count,
        tokens: Int32Array.from(rows.flatMap(() => candidates)),
        logProbabilities: Float32Array.from(
          rows.flatMap(() => candidates.map((id) => Math.log(probabilities[id] ?? 0))),
        ),
        endLogProbabilities: Float32Array.from(rows, () => Math.log(probabilities[endToken] ?? 0)),
        coverage: new Float32Array(rows.length),
      };
    },
  };
}

describe('sampleTexts', () => {
  it('draws tokens as often as they are likely', async () => {
    const rows = rowsOf(4, [0, 0.2, 0.5, 0.3]);
    const drawn = (await sampleTexts(rows, { ...options, samples: 500, seed: 3 })).flat();
    const firsts = drawn.map(({ tokens }) => tokens[0] ?? endToken);
    const share = (token: number): number => firsts.filter((id) => id === token).length / firsts.length;
    expect(share(endToken)).toBeCloseTo(0.2, 1);
    expect(share(2)).toBeCloseTo(0.5, 1);
    expect(share(0)).toBe(0);
  });

  it('adds up the log-probabilities of what was drawn, the end included', async () => {
    const [[text] = []] = await sampleTexts(rowsOf(1, [0, 0.25, 0.75]), options);
    if (text === undefined) throw new Error('Nothing was drawn.');
    const ends = text.finish === 'end' ? Math.log(0.25) : 0;
    expect(text.logProbability).toBeCloseTo(text.tokens.length * Math.log(0.75) + ends, 5);
  });

  it('draws the same in a batch that becomes smaller', async () => {
    const probabilities = [0, 0.3, 0.4, 0.3];
    const own = { ...options, maxTokens: 40, samples: 2, seed: 9 };
    const whole = rowsOf(24, probabilities);
    const shrinking = {
      ...rowsOf(24, probabilities),
      async keep(texts: readonly number[]): Promise<void> {
        shrinking.texts = texts.length;
      },
    };
    expect(await sampleTexts(shrinking, own)).toEqual(await sampleTexts(whole, own));
    expect(shrinking.texts).toBeLessThan(24);
  });

  it('ends at the most tokens there may be, and says so', async () => {
    const [[text] = []] = await sampleTexts(rowsOf(1, [0, 0, 1]), options);
    expect(text?.finish).toBe('length');
    expect(text?.tokens).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it('draws the same for the same seed, and asks the device for no more than the likeliest', async () => {
    const rows = rowsOf(3, [0.1, 0.2, 0.3, 0.4]);
    const once = await sampleTexts(rows, { ...options, topK: 2, samples: 2, seed: 5 });
    const again = await sampleTexts(rowsOf(3, [0.1, 0.2, 0.3, 0.4]), {
      ...options,
      topK: 2,
      samples: 2,
      seed: 5,
    });
    expect(once).toEqual(again);
    expect(new Set(rows.wanted)).toEqual(new Set([2]));
    expect(
      once
        .flat()
        .flatMap(({ tokens }) => tokens)
        .every((id) => id >= 2),
    ).toBe(true);
  });

  it('keeps to the rules, and ends where they leave nothing', async () => {
    const rules = { banned: [[2]], minTokens: 2 };
    const [[text] = []] = await sampleTexts(rowsOf(1, [0, 0.5, 0.5]), { ...options, ...rules });
    expect(text?.tokens).toEqual([]);
    const [[other] = []] = await sampleTexts(rowsOf(1, [0, 0.5, 0.25, 0.25]), { ...options, ...rules });
    expect(other?.tokens.length).toBeGreaterThanOrEqual(2);
    expect(other?.tokens).not.toContain(2);
  });

  it('refuses impossible numbers', async () => {
    await expect(sampleTexts(rowsOf(1, [0.5, 0.5]), { ...options, samples: 0 })).rejects.toThrow(
      'samples is 0',
    );
    await expect(sampleTexts(rowsOf(1, [0.5, 0.5]), { ...options, temperature: -1 })).rejects.toThrow(
      'temperature',
    );
  });
});
