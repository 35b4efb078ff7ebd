// Scores extractive summaries with ROUGE. After `npm run build`: node bench/extractive.mjs FILE.jsonl[.gz] [TEXT_FIELD] [SUMMARY_FIELD...]
import { files } from '../dist/core/files.node.js';
import { openRecords } from '../dist/data/index.js';
import { rouge } from '../dist/metrics/index.js';
import { extractiveSummary } from '../dist/tasks/summarize/extractive.js';

const [path, textField = 'dialogue', ...summaryFields] = process.argv.slice(2);
if (summaryFields.length === 0) summaryFields.push('summary', 'summary1', 'summary2', 'summary3');
const rows = [];
for await (const { values } of (await openRecords(files, path)).records()) {
  rows.push({ text: values[textField], references: summaryFields.flatMap((field) => values[field] ?? []) });
}
const metrics = ['rouge1', 'rouge2', 'rougeL'].map((type) => [type, rouge(type, { stemmer: true })]);
const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const rounded = (number) => Number(number.toFixed(2));

for (const method of ['lead', 'text-rank']) {
  const start = performance.now();
  const summaries = rows.map(({ text }) => extractiveSummary(text, { method }).text);
  const seconds = rounded((performance.now() - start) / 1000);
  /** F of each summary against each of its references. */
  const scoresBy = (metric) =>
    summaries.map((summary, i) =>
      rows[i].references.map((reference) => 100 * metric.statistics(summary, [reference])[2]),
    );
  const figures = metrics.map(([type, metric]) => {
    const scores = scoresBy(metric);
    return [
      type,
      { mean: rounded(mean(scores.map(mean))), best: rounded(mean(scores.map((each) => Math.max(...each)))) },
    ];
  });
  console.log(JSON.stringify({ method, texts: rows.length, seconds, ...Object.fromEntries(figures) }));
}
