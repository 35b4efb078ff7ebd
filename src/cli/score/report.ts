// What `mneme score` prints: one JSON object, or lines for people, who read all scores in percent. Knows no arithmetic of metrics.
import type { BleuScore, Interval, RougeScore, TerScore } from '../../metrics/index.js';
import type { BootstrapReport, ScoreReport } from '../../tasks/score/score.js';
import type { Scoring } from '../../tasks/score/score-files.js';
import type { Segments } from '../../tasks/score/segments.js';

/** In a group, `score` holds the scores by name, and each name its details. Scores are on the metric's own `scale`. */
export function jsonReport(scoring: Scoring, showSegments: boolean): Record<string, unknown> {
  const { metric, segments, reports } = scoring;
  const [report] = reports.values();
  const parts = [...reports].map(
    ([name, part]) => [name, jsonPart(part, showSegments ? segments : undefined)] as const,
  );
  const isGroup = parts.length > 1;
  return {
    metric,
    score: isGroup ? Object.fromEntries(parts.map(([name, { score }]) => [name, score])) : undefined,
    signature: report?.signature,
    segments: segments.lines.length,
    skipped: segments.skipped.length,
    scale: report?.scale,
    ...(isGroup ? Object.fromEntries(parts) : parts[0]?.[1]),
  };
}

function jsonPart({ score, bootstrap, segmentScores }: ScoreReport, shown: Segments | undefined) {
  return { ...score, bootstrap, segmentScores: shown && byLine(shown, segmentScores) };
}

/** One entry for each line of the files; `null` where the line was left out. */
function byLine({ lines, skipped }: Segments, scores: readonly number[]): (number | null)[] {
  const entries = Array.from<number | null>({ length: lines.length + skipped.length }).fill(null);
  for (const [i, line] of lines.entries()) entries[line - 1] = scores[i] ?? null;
  return entries;
}

/** Lines of `number of the line, tab, score` for segments; then the scores, and the signature. */
export function textReport({ segments, reports }: Scoring, showSegments: boolean): string {
  const list = [...reports.values()];
  const rows = segments.lines.map((line, i) =>
    [line, ...list.map((report) => percent(report, report.segmentScores[i] ?? NaN))].join('\t'),
  );
  return [...(showSegments ? rows : []), ...list.flatMap(scoreLines), list[0]?.signature ?? ''].join('\n');
}

function scoreLines(report: ScoreReport): string[] {
  const { name, score, bootstrap } = report;
  const line = `${name} = ${percent(report, score.score)} ${detailsOf(report, score)}`.trimEnd();
  return [line, ...(bootstrap === undefined ? [] : bootstrapLines(report, bootstrap))];
}

function percent({ scale }: ScoreReport, score: number): string {
  return ((100 * score) / scale).toFixed(2);
}

function detailsOf(report: ScoreReport, score: Partial<BleuScore & RougeScore & TerScore>): string {
  const { precisions, brevityPenalty, hypothesisLength, precision, recall, edits, referenceLength } = score;
  if (precisions !== undefined) {
    const orders = precisions.map((value) => value.toFixed(1)).join('/');
    const lengths = `${hypothesisLength} tokens for ${referenceLength}`;
    return `(${orders}, brevity penalty ${brevityPenalty?.toFixed(3)}, ${lengths})`;
  }
  if (precision !== undefined && recall !== undefined) {
    return `(precision ${percent(report, precision)}, recall ${percent(report, recall)})`;
  }
  return edits === undefined ? '' : `(${edits} edits, reference length ${referenceLength})`;
}

function bootstrapLines(report: ScoreReport, bootstrap: BootstrapReport): string[] {
  const range = ({ low, high }: Interval): string => `${percent(report, low)} to ${percent(report, high)}`;
  const share = Number((100 * bootstrap.confidence).toFixed(4));
  const lines = [`  ${share} % of ${bootstrap.samples} resamples: ${range(bootstrap.system)}`];
  if (!('pValue' in bootstrap)) return lines;
  const { baseline, difference, pValue } = bootstrap;
  const of = (name: string, part: typeof baseline): string =>
    `  ${name} ${percent(report, part.score)}: ${range(part)}`;
  return [...lines, of('baseline', baseline), `${of('difference', difference)}, p = ${pValue.toFixed(4)}`];
}
