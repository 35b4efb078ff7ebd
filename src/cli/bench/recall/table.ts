// What memories remember, as text for a terminal. Knows nothing of how it was measured.
import type { RecallResult } from '../../../tasks/recall/measure-recall.js';
import type { RecallReport } from './report.js';
import { formatBytes, formatCount, formatDuration } from '../../output.js';
import { labelOf, titleOf } from './report.js';

/** Rows of cells as aligned columns: the first to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

function summary(report: RecallReport): string {
  const head = ['', 'accuracy', 'exact', 'state', 'parameters', 'rate', 'steps', 'time', ''];
  const rows = report.results.map((result) => [
    labelOf(result, report),
    result.accuracy.toFixed(3),
    result.exact.toFixed(3),
    formatBytes(result.stateBytes),
    formatCount(result.parameters),
    String(result.best.learningRate),
    formatCount(result.best.steps),
    formatDuration(result.runs.reduce((sum, { seconds }) => sum + seconds, 0)),
    result.best.end,
  ]);
  return columns([head, ...rows]);
}

function byDistance(report: RecallReport): string {
  const ranges = report.results[0]?.byDistance ?? [];
  const head = ['by distance', ...ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`))];
  const rows = report.results.map((result) => [
    labelOf(result, report),
    ...result.byDistance.map(({ accuracy }) => accuracy.toFixed(3)),
  ]);
  return columns([head, ...rows]);
}

/** Exact answers of one memory: lengths down, depths across. */
function cells(result: RecallResult, report: RecallReport): string {
  const lengths = [...new Set(result.cells.map(({ length }) => length))];
  const depths = [...new Set(result.cells.map(({ depth }) => depth))];
  const head = [`${labelOf(result, report)}: found, by depth`, ...depths.map((depth) => `${100 * depth} %`)];
  const found = (length: number): string[] =>
    result.cells.filter((cell) => cell.length === length).map(({ exact }) => exact.toFixed(2));
  const rows = lengths.map((length) => [`${length} tokens`].concat(found(length)));
  return columns([head, ...rows]);
}

/** Tables: what each memory remembers, for how many bytes, over which distance. */
export function recallTable(report: RecallReport): string {
  const grids = report.results.filter((result) => result.cells.length > 0);
  return [
    titleOf(report),
    summary(report),
    byDistance(report),
    ...grids.map((result) => cells(result, report)),
  ].join('\n\n');
}
