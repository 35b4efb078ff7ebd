// Checks that the page holds what was found, escaped, and nothing from elsewhere.
import { expect, it } from 'vitest';
import type { Inspection } from '../../tasks/language-model/inspect.js';
import { inspectionPage } from './page.js';

const evil = '</script><img src=x onerror=alert(1)>';
const inspection: Inspection = {
  tokens: [
    { id: 0, text: evil, surprise: null, guesses: [] },
    { id: 1, text: '月\u2028', surprise: 2.5, guesses: [{ text: '<b>', probability: 0.25 }] },
  ],
  meanSurprise: 2.5,
  views: [
    {
      kind: 'attention',
      path: 'blocks.0.memory.probabilities',
      heads: [
        [
          [1, 0],
          [0.25, 0.75],
        ],
      ],
    },
    {
      kind: 'activations',
      path: 'blocks.1.memory.layers.0.update',
      values: [
        [0, 0.5, 1],
        [1, 1, 0],
      ],
    },
    { kind: 'activations', path: 'blocks.1.memory.cell', values: [[-2], [2]] },
    { kind: 'fetched', path: 'blocks.2.memory.retrieved', heads: [[[], [0, 0, 1, 1]]] },
    { kind: 'activations', path: 'blocks.2.memory.retrievedScores', values: [[-Infinity], [3]] },
  ],
};
const memories = ['attention', 'gru', 'nearest-neighbour'];
const page = inspectionPage(inspection, { run: 'runs/<i>', model: 'a & b', memories });

/** What lies in the page, as the script reads it. */
function dataOf(html: string) {
  const [, json = ''] = /<script type="application\/json" id="data">(.*)<\/script>/.exec(html) ?? [];
  return JSON.parse(json) as {
    readonly tokens: Inspection['tokens'];
    readonly views: readonly {
      readonly low: number;
      readonly high: number;
      readonly planes: readonly string[];
    }[];
  };
}

it('holds every token, whatever its text', () => {
  expect(dataOf(page).tokens).toEqual(inspection.tokens);
});

it('lets no text become markup', () => {
  expect(page).not.toContain('<img');
  expect(page).not.toContain('<i>');
  expect(page).not.toContain('\u2028');
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).toContain('a &amp; b');
});

it('refers to nothing outside of itself', () => {
  const withoutData = page.replace(/<script type.*?<\/script>/s, '');
  expect(withoutData).not.toMatch(/https?:|src=|href=|@import|url\(/);
});

it('keeps the numbers of the views to one part in 255', () => {
  const { views } = dataOf(page);
  const numbers = views.map(({ low, high, planes }) =>
    planes.map((plane) =>
      Array.from(Buffer.from(plane, 'base64'), (byte) => low + ((high - low) * byte) / 255),
    ),
  );
  const expected = [[[1, 0, 0.25, 0.75]], [[0, 0.5, 1, 1, 1, 0]], [[-2, 2]], [[0, 0, 0.5, 0.5]], [[0, 3]]];
  expect(numbers.map((planes) => planes.map((plane) => plane.length))).toEqual(
    expected.map((planes) => planes.map((plane) => plane.length)),
  );
  numbers
    .flat(2)
    .forEach((value, i) => expect(Math.abs(value - (expected.flat(2)[i] ?? NaN))).toBeLessThan(0.01));
});

it('says which memory a view belongs to', () => {
  expect(page).toContain('Block 1, gru: layers.0.update');
});
