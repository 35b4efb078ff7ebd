import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { rouge } from '../../metrics/index.js';
import { sentenceSpans } from '../../text/index.js';
import { gapSentences } from './gap-sentences.js';

const sentence = fc
  .array(fc.constantFrom('bridge', 'city', 'river', 'cost', 'may', 'new', 'people', '桥', '河'), {
    minLength: 1,
    maxLength: 7,
  })
  .map((words) => `The ${words.join(' ')}.`);
const texts = fc.array(sentence, { minLength: 2, maxLength: 8 }).map((sentences) => sentences.join(' '));
const ratio = fc.double({ min: 0.1, max: 0.9, noNaN: true });

const sentencesOf = (text: string): string[] =>
  sentenceSpans(text).map(({ start, end }) => text.slice(start, end));

/** ROUGE-1 F of the chosen sentences against all others, by the metric that equals Google's. */
function score(sentences: readonly string[], chosen: readonly number[]): number {
  const part = (inside: boolean): string =>
    sentences.filter((_, i) => chosen.includes(i) === inside).join(' ');
  return rouge('rouge1', { tokenize: 'characters' }).statistics(part(true), [part(false)])[2] ?? 0;
}

describe('gap sentences', () => {
  it('are the ones with the highest ROUGE-1 against the rest of the text', () => {
    fc.assert(
      fc.property(texts, ratio, (text, ratio) => {
        const sentences = sentencesOf(text);
        const { selected = [] } = gapSentences(text, { ratio }) ?? {};
        const scores = sentences.map((_, i) => score(sentences, [i]));
        const worst = Math.min(...selected.map((i) => scores[i] ?? 0));
        scores.forEach((value, i) => {
          if (!selected.includes(i)) expect(value).toBeLessThanOrEqual(worst + 1e-12);
        });
        const wanted = Math.min(sentences.length - 1, Math.max(1, Math.round(sentences.length * ratio)));
        expect(selected.length).toBe(wanted);
      }),
    );
  });

  it('are chosen one after the other so that together they score highest', () => {
    fc.assert(
      fc.property(texts, ratio, (text, ratio) => {
        const sentences = sentencesOf(text);
        const { selected = [] } = gapSentences(text, { ratio, sequential: true }) ?? {};
        const chosen: number[] = [];
        while (chosen.length < selected.length) {
          const rest = [...sentences.keys()].filter((i) => !chosen.includes(i));
          const scores = rest.map((i) => score(sentences, [...chosen, i]));
          chosen.push(rest[scores.findIndex((value) => value >= Math.max(...scores) - 1e-12)] ?? 0);
        }
        expect(selected).toEqual(chosen.sort((a, b) => a - b));
      }),
    );
  });

  it('count repeated words once when they are to be unique', () => {
    const text = 'Dog dog dog dog. Dog cat. Dog dog dog cat.';
    // Each time: 2*4/(4+6), 2*2/(2+8), 2*4/(4+6). Once: 2*1/(1+2), 2*2/(2+2), 2*2/(2+2).
    expect(gapSentences(text, { ratio: 0.34 })?.selected).toEqual([0]);
    expect(gapSentences(text, { ratio: 0.34, unique: true })?.selected).toEqual([1]);
  });

  it('leave a mask each, and come back in their places', () => {
    fc.assert(
      fc.property(texts, ratio, (text, ratio) => {
        const gaps = gapSentences(text, { ratio, maskToken: '<gap>' });
        const hidden = (gaps?.selected ?? []).map((i) => sentencesOf(text)[i] ?? '');
        let next = 0;
        expect(gaps?.input.replaceAll('<gap>', () => hidden[next++] ?? '')).toBe(text);
        expect(gaps?.target).toBe(hidden.join(' '));
      }),
    );
    expect(gapSentences('今天下雨。他没带伞。雨很大。')?.target).toMatch(/^[^ ]+。$/);
  });

  it('may stay in the text, some of them, and are to be written all the same', () => {
    const text = Array.from({ length: 400 }, (_, i) => `Sentence number ${i}.`).join(' ');
    const options = { strategy: 'lead', ratio: 0.5 } as const;
    const hidden = gapSentences(text, options);
    const some = gapSentences(text, { ...options, keep: 0.25, random: Random.fromSeed(1) });
    expect(some?.target).toBe(hidden?.target);
    const read = sentencesOf(some?.input ?? '').flatMap((part) => part.split(/(?<=MASK1\]) /));
    expect(read).toHaveLength(400);
    const masks = read.filter((part) => part === '[MASK1]').length;
    // 200 draws: 50 stay, give or take five standard deviations.
    expect(Math.abs(200 - masks - 50)).toBeLessThan(5 * Math.sqrt(200 * 0.25 * 0.75));
    read.forEach((part, i) => expect(['[MASK1]', `Sentence number ${i}.`]).toContain(part));
    expect(() => gapSentences('One. Two.', { keep: 1, random: Random.fromSeed(1) })).toThrow('below 1');
    expect(() => gapSentences('One. Two.', { keep: 0.5 })).toThrow(/something to draw from/);
  });

  it('may be the first ones, or drawn', () => {
    const text = 'One. Two. Three. Four. Five.';
    expect(gapSentences(text, { strategy: 'lead', ratio: 0.4 })).toEqual({
      input: '[MASK1] [MASK1] Three. Four. Five.',
      target: 'One. Two.',
      selected: [0, 1],
    });
    const drawn = Array.from({ length: 20 }, (_, seed) =>
      gapSentences(text, { strategy: 'random', random: Random.fromSeed(seed) })?.selected.join(),
    );
    expect(new Set(drawn).size).toBeGreaterThan(5);
  });

  it('do not exist in a single sentence, and refuse what makes no sense', () => {
    expect(gapSentences('Only one.')).toBeUndefined();
    expect(() => gapSentences('One. Two.', { ratio: 1 })).toThrow(ConfigError);
    expect(() => gapSentences('One. Two.', { strategy: 'random' })).toThrow(/something to draw from/);
  });
});
