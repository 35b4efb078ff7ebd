import { describe, expect, it } from 'vitest';
import type { RecallResult } from '../../../tasks/recall/measure-recall.js';
import type { RecallReport } from './report.js';
import { lineChart } from './chart.js';
import { recallPage } from './page.js';
import { recallTable } from './table.js';

function result(memory: string, width: number, change: Partial<RecallResult> = {}): RecallResult {
  const best = {
    learningRate: 0.003,
    seed: 1,
    end: 'solved',
    steps: 600,
    seconds: 61,
    validation: 0.99,
    accuracy: 0.9875,
  } as const;
  return {
    memory,
    width,
    stateBytes: 512 * width,
    parameters: 12_345,
    accuracy: 0.9875,
    exact: 0.9,
    answers: 800,
    byDistance: [
      { from: 1, to: 8, accuracy: 1, answers: 400 },
      { from: 9, to: 30, accuracy: 0.975, answers: 400 },
    ],
    best,
    runs: [best],
    curve: [
      { step: 300, loss: 3, accuracy: 0.2 },
      { step: 600, loss: 0.1, accuracy: 0.99 },
    ],
    cells: [],
    ...change,
  };
}

function reportOf(results: readonly RecallResult[]): RecallReport {
  return {
    task: 'mqar',
    sizes: { vocabulary: 512, length: 64, pairs: 8 },
    layers: 2,
    heads: 1,
    learningRates: [0.003],
    seeds: [1],
    steps: 4000,
    batchSize: 64,
    seconds: 61,
    interrupted: false,
    results,
  };
}

describe('the table of recall', () => {
  it('shows accuracy against bytes of state and against distance', () => {
    const lines = recallTable(reportOf([result('attention', 64), result('gru', 64)])).split('\n');
    expect(lines[0]).toBe('mqar, vocabulary 512, length 64, pairs 8; 2 layers, 1 head');
    expect(lines[3]).toMatch(/^attention +0\.988 +0\.900 +32\.8 kB +12,345 +0\.003 +600 +1 min 1 s +solved$/);
    expect(lines[6]).toMatch(/^by distance +1-8 +9-30$/);
    expect(lines[8]).toMatch(/^gru +1\.000 +0\.975$/);
  });

  it('tells widths apart where there are several', () => {
    const table = recallTable(reportOf([result('gru', 32), result('gru', 64)]));
    expect(table).toMatch(/^gru 32 /m);
    expect(table).toMatch(/^gru 64 /m);
  });

  it('shows lengths down and depths across', () => {
    const cells = [64, 128].flatMap((length) =>
      [0, 1].map((depth) => ({ length, depth, accuracy: 1, exact: length === 64 ? 1 : depth / 2 })),
    );
    const table = recallTable(reportOf([result('gru', 64, { cells })]));
    expect(table).toMatch(
      /gru: found, by depth +0 % +100 %\n64 tokens +1\.00 +1\.00\n128 tokens +0\.00 +0\.50$/,
    );
  });
});

describe('the page of recall', () => {
  const page = recallPage(reportOf([result('attention', 64), result('<gru>', 32), result('<gru>', 64)]));

  it('is complete in itself and escapes names', () => {
    expect(page).not.toMatch(/<script|<link|src=|https?:/);
    expect(page).not.toContain('<gru>');
    expect(page).toContain('&#60;gru&#62;');
  });

  it('has one line for each memory in each chart, and a point for each width', () => {
    const charts = page.split('<figure>').slice(1);
    expect(charts).toHaveLength(3);
    expect(charts.map((chart) => chart.match(/<polyline/g)?.length)).toEqual([2, 2, 2]);
    expect(charts[0]?.match(/<circle/g)).toHaveLength(3);
    expect(charts[0]).toContain('width 32: 98.8 % with 16.4 kB');
  });
});

describe('a chart', () => {
  const chart = lineChart({
    title: 'a & b',
    xLabel: 'x',
    logarithmic: true,
    ticks: [],
    lines: [{ label: 'one', colour: 0, points: [1, 2, 4].map((x) => ({ x, y: x / 4, title: '' })) }],
  });
  const points = /points="([^"]*)"/.exec(chart)?.[1] ?? '';
  const [x = [], y = []] = [0, 1].map((i) => points.split(' ').map((point) => Number(point.split(',')[i])));

  it('puts powers of two at even distances, and more higher up', () => {
    expect((x[1] ?? 0) - (x[0] ?? 0)).toBeCloseTo((x[2] ?? 0) - (x[1] ?? 0), 0);
    expect(y[2]).toBeLessThan(y[1] ?? 0);
    expect(y[1]).toBeLessThan(y[0] ?? 0);
    expect(chart).toContain('a &#38; b');
  });
});
