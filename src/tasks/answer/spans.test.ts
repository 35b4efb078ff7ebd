// Best spans against all pairs, thresholds against all of them, and the way from text to tokens and back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainWordPiece } from '../../text/index.js';
import { bestSpans } from './best-spans.js';
import { answersOf, findAnswer } from './find-answer.js';
import { bestThreshold, type Trial } from './threshold.js';
import { textSpanOf, tokensOf, Windows } from './windows.js';

const logit = fc.integer({ min: -20, max: 20 }).map((n) => n / 4);

describe('best spans', () => {
  it('are those of all pairs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(logit, logit), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 6 }),
        (logits, answerLength, count) => {
          const [start, end] = [0, 1].map((i) => logits.map((pair) => pair[i] ?? 0)) as [number[], number[]];
          const pairs = start.flatMap((first, i) =>
            end.slice(i, i + answerLength).map((last, j) => ({ first: i, last: i + j, score: first + last })),
          );
          const expected = pairs.map(({ score }) => score).sort((a, b) => b - a).slice(0, count); // prettier-ignore
          const found = bestSpans(start, end, { from: 0, to: logits.length, answerLength, count });
          expect(found.map(({ score }) => score)).toEqual(expected);
          for (const { first, last, score } of found) {
            expect(last - first).toBeLessThan(answerLength);
            expect(score).toBe((start[first] ?? 0) + (end[last] ?? 0));
          }
        },
      ),
    );
  });
});

describe('the best threshold', () => {
  it('is as good as any', () => {
    const trial = fc.record({ confidence: logit, answered: fc.nat(4), silent: fc.nat(4) });
    fc.assert(
      fc.property(fc.array(trial, { minLength: 1, maxLength: 10 }), (trials: readonly Trial[]) => {
        const total = (threshold: number): number =>
          trials.reduce((sum, t) => sum + (t.confidence > threshold ? t.answered : t.silent), 0);
        const all = [-100, ...trials.map(({ confidence }) => confidence), 100].map(total);
        expect(total(bestThreshold(trials))).toBe(Math.max(...all));
      }),
    );
  });
});

const rowOf = (values: Readonly<Record<string, string>>) => ({ values, line: 3 });

describe('answers', () => {
  it('are found where the row says, in code units or in characters, or by their text', () => {
    const context = '😀 猫 cat, cat';
    const at = (values: Readonly<Record<string, string>>) => findAnswer(rowOf({ context, ...values }));
    expect(at({ answer: 'cat' })).toEqual({ start: 5, end: 8 });
    expect(at({ answer: 'cat', start: '10' })).toEqual({ start: 10, end: 13 });
    expect(at({ answer: 'cat', start: '4' })).toEqual({ start: 5, end: 8 }); // As Python counts.
    expect(at({ answer: 'dog\n猫' })).toEqual({ start: 3, end: 4 });
    expect(at({ answer: '' })).toBeUndefined();
    expect(() => at({ answer: 'cat', start: 'x' })).toThrow(/is said to stand at NaN/);
    expect(answersOf(rowOf({ answer: ' a \nb\n' }))).toEqual(['a', 'b']);
  });

  it('come back from the tokens of every window that holds them', async () => {
    const alphabet = 'a b 我 们 . 😀 !'.split(' ');
    const tokenizer = await trainWordPiece(['a b aa ab 我们 . ! 😀'], {
      vocabularySize: 60,
      minimumFrequency: 1,
    });
    const windows = new Windows({ tokenizer, maxLength: 16, questionLength: 4, overlap: 3 });
    const text = fc.array(fc.constantFrom(...alphabet, ' '), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (characters, a, b) => {
        const context = characters.join('');
        const own = windows.of({ text: 'a b a b a b', context: [] }, context);
        for (const window of own) expect(window.ids.length).toBeLessThanOrEqual(16);
        const places = [a, b].map((n) => n % (characters.length + 1)).sort((x, y) => x - y);
        const [from = 0, to = 0] = places.map((n) => characters.slice(0, n).join('').length);
        const answer = context.slice(from, to);
        if (answer.trim() !== answer || answer === '') return;
        for (const window of own) {
          const tokens = tokensOf(window, { start: from, end: to });
          if (tokens.first === 0) continue;
          const { start, end } = textSpanOf(window, tokens);
          const found = context.slice(window.chunk.start + start, window.chunk.start + end);
          expect(found).toContain(answer); // A token may hold more than the answer's part of it.
        }
      }),
    );
  });
});
