// Checks that the page holds what was found, escaped, and nothing from elsewhere.
import { describe, expect, it } from 'vitest';
import type { Inspection } from '../../tasks/language-model/inspect.js';
import { noChromium, startChromium } from '../../../test/support/chromium.js';
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

describe.skipIf(noChromium !== undefined)(`in a browser${noChromium ? `: ${noChromium}` : ''}`, () => {
  const count = 300;
  const rows = (columns: number): number[][] =>
    Array.from({ length: count }, () => Array.from({ length: columns }, () => 1 / columns));
  const long: Inspection = {
    tokens: Array.from({ length: count }, (_, id) => ({ id, text: '字', surprise: 1, guesses: [] })),
    meanSurprise: 1,
    views: [
      { kind: 'attention', path: 'blocks.0.memory.probabilities', heads: [rows(count), rows(count)] },
      { kind: 'attention', path: 'blocks.0.memory.compressedProbabilities', heads: [rows(4)] },
      { kind: 'activations', path: 'blocks.1.memory.update', values: rows(8) },
    ],
  };

  it('shows maps of a long text in a screen each, and the chosen token beside or behind the text', async () => {
    const browser = await startChromium();
    try {
      for (const [width, isBeside] of [
        [1280, true],
        [420, false],
      ] as const) {
        const page = await browser.newPage({ viewport: { width, height: 900 } });
        const problems: string[] = [];
        page.on('pageerror', (error) => problems.push(String(error)));
        await page.setContent(inspectionPage(long, { run: 'a', model: 'b', memories }));
        const boxes = async (selector: string) =>
          Promise.all((await page.locator(selector).all()).map((element) => element.boundingBox()));
        const maps = await boxes('canvas');
        expect(maps).toHaveLength(4);
        for (const map of maps) expect(map?.height).toBeLessThan(500);
        const [[text], [detail], [views]] = [
          await boxes('#text'),
          await boxes('#detail'),
          await boxes('#views'),
        ];
        if (isBeside) expect(detail?.y).toBe(text?.y);
        else expect(detail?.y).toBeGreaterThan((text?.y ?? NaN) + (text?.height ?? NaN));
        expect(views?.y).toBeGreaterThan(isBeside ? (text?.y ?? NaN) : (detail?.y ?? NaN));
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        expect(problems).toEqual([]);
      }
    } finally {
      await browser.close();
    }
  });
});
