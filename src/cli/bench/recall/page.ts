// What memories remember, as one HTML file with curves: no script, no network. Knows nothing of how it was measured.
import type { RecallResult } from '../../../tasks/recall/measure-recall.js';
import type { Chart, ChartLine } from './chart.js';
import type { RecallReport } from './report.js';
import { formatBytes, formatCount, formatDuration } from '../../output.js';
import { escapeHtml, lineChart } from './chart.js';
import { labelOf, titleOf } from './report.js';
import { pageStyle } from './style.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Names of memories in the order of the results; their place is the number of their colour. */
function memoriesOf({ results }: RecallReport): string[] {
  return [...new Set(results.map(({ memory }) => memory))];
}

/** One line for each memory, one point for each width. */
function byState(report: RecallReport): Chart {
  const lines = memoriesOf(report).map((memory, colour): ChartLine => {
    const own = report.results.filter((result) => result.memory === memory);
    const points = own.map(({ stateBytes: x, accuracy: y, width }) => ({
      x,
      y,
      title: `${memory}, width ${width}: ${percent(y)} with ${formatBytes(x)}`,
    }));
    return { label: memory, colour, points: points.sort((a, b) => a.x - b.x) };
  });
  const bytes = report.results.map(({ stateBytes }) => Math.log2(stateBytes));
  const [least, most] = [Math.floor(Math.min(...bytes)), Math.ceil(Math.max(...bytes))];
  const powers = Array.from({ length: most - least + 1 }, (_, i) => least + i);
  return {
    title: 'Right answers by bytes of state',
    xLabel: 'bytes of state of one sequence',
    logarithmic: true,
    ticks: powers.map((power) => ({ x: 2 ** power, label: binaryBytes(power) })),
    lines,
  };
}

/** `512 B`, `4 KiB`, `1 MiB` */
function binaryBytes(power: number): string {
  const unit = Math.floor(power / 10);
  return `${2 ** (power - 10 * unit)} ${['B', 'KiB', 'MiB', 'GiB'][unit] ?? ''}`;
}

/** One line for each memory at its largest state. */
function byDistance(report: RecallReport): Chart {
  const lines = largest(report).map(({ label, colour, result }): ChartLine => {
    const points = result.byDistance.map(({ from, to, accuracy, answers }) => ({
      x: (from + to) / 2,
      y: accuracy,
      title: `${label}, ${from} to ${to} tokens back: ${percent(accuracy)} of ${formatCount(answers)} answers`,
    }));
    return { label, colour, points };
  });
  const ranges = report.results[0]?.byDistance ?? [];
  return {
    title: 'Right answers by distance',
    xLabel: 'tokens since the answer was read',
    ticks: ranges.map(({ from, to }) => ({ x: (from + to) / 2, label: String(Math.round((from + to) / 2)) })),
    lines,
  };
}

function learning(report: RecallReport): Chart {
  const lines = largest(report).map(({ label, colour, result }): ChartLine => ({
    label,
    colour,
    points: result.curve.map(({ step, accuracy, loss }) => ({
      x: step,
      y: accuracy,
      title: `${label}, step ${step}: ${percent(accuracy)}, loss ${loss.toFixed(3)}`,
    })),
  }));
  const last = Math.max(...lines.flatMap(({ points }) => points.map(({ x }) => x)));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => ({
    x: share * last,
    label: formatCount(share * last),
  }));
  return { title: 'Right answers while learning', xLabel: 'steps', ticks, lines };
}

/** Each memory at its largest state. */
function largest(report: RecallReport) {
  return memoriesOf(report).flatMap((memory, colour) => {
    const own = report.results.filter((result) => result.memory === memory);
    const result = own.reduce<RecallResult | undefined>(
      (a, b) => (a === undefined || b.stateBytes > a.stateBytes ? b : a),
      undefined,
    );
    return result === undefined ? [] : [{ label: labelOf(result, report), colour, result }];
  });
}

function legend(report: RecallReport): string {
  const items = memoriesOf(report).map(
    (memory, colour) => `<li class="c${colour % 8}"><i></i><span>${escapeHtml(memory)}</span></li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[], kind = ''): string {
  const cells = (tag: string, row: readonly string[]): string =>
    row.map((cell) => (cell.startsWith('<td') ? cell : `<${tag}>${escapeHtml(cell)}</${tag}>`)).join('');
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  return `<div class="scroll"><table class="${kind}"><tr>${cells('th', head)}</tr>\n${body}</table></div>`;
}

function summary(report: RecallReport): string {
  const head = [
    'memory',
    'width',
    'right',
    'all right',
    'state',
    'parameters',
    'rate',
    'steps',
    'time',
    'end',
  ];
  const rows = report.results.map(
    ({ memory, width, accuracy, exact, stateBytes, parameters, best, runs }) => [
      memory,
      String(width),
      share(accuracy),
      share(exact),
      formatBytes(stateBytes),
      formatCount(parameters),
      String(best.learningRate),
      formatCount(best.steps),
      formatDuration(runs.reduce((sum, { seconds }) => sum + seconds, 0)),
      best.end,
    ],
  );
  return table(head, rows);
}

/** A cell whose colour is as strong as its share is high. */
function share(value: number): string {
  return `<td class="share" style="--share:${value.toFixed(3)}">${percent(value)}</td>`;
}

/** Lengths down, depths across. */
function depths(report: RecallReport): string {
  const grids = report.results.filter(({ cells }) => cells.length > 0);
  if (grids.length === 0) return '';
  const parts = grids.map((result) => {
    const across = [...new Set(result.cells.map(({ depth }) => depth))];
    const down = [...new Set(result.cells.map(({ length }) => length))];
    const found = (length: number): string[] =>
      result.cells.filter((cell) => cell.length === length).map(({ exact }) => share(exact));
    const rows = down.map((length) => [`${formatCount(length)} tokens`].concat(found(length)));
    return table([labelOf(result, report), ...across.map((depth) => `${100 * depth} %`)], rows, 'heat');
  });
  return `<h2>Needles found, by length and depth of the text</h2>${parts.join('\n')}`;
}

const tasks: Readonly<Record<string, string>> = {
  mqar: 'A sequence begins with keys and their values; behind them keys come again, and each asks for its value (multi-query associative recall).',
  'mqar-update':
    'A sequence begins with keys and their values, and some keys are given a second value; behind them keys come again, and each asks for the value it was given last.',
  copy: 'A block of symbols, a wait of any length, then the symbols have to be said again in their order.',
  'selective-copy': 'Symbols stand anywhere among blanks, then they have to be said again in their order.',
  needle: 'A sentence with a number is hidden in a text; at the end the number is asked for.',
};

/** A page that is complete in itself. */
export function recallPage(report: RecallReport): string {
  const title = `What they remember: ${report.task}`;
  const { learningRates, seeds, steps, batchSize, seconds } = report;
  const recipe = `At most ${formatCount(steps)} steps of ${batchSize} new examples each; learning rates ${learningRates.join(', ')}; seeds ${seeds.join(', ')}; the best by validation, tested on other examples. Measured in ${formatDuration(seconds)}${report.interrupted ? ', and stopped early' : ''}.`;
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${pageStyle}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>${escapeHtml(tasks[report.task] ?? '')} ${escapeHtml(titleOf(report))}.</p>`,
    legend(report),
    `<div class="charts">${[byState(report), byDistance(report), learning(report)].map(lineChart).join('\n')}</div>`,
    `<h2>In numbers</h2>${summary(report)}`,
    depths(report),
    `<footer>${escapeHtml(recipe)}</footer>`,
    '</body></html>',
    '',
  ].join('\n');
}
