// Parts a table into rows to learn from and rows to test on, by label. After `npm run build`: node bench/split.mjs TABLE TEXT_COLUMN LABEL_COLUMN OUT [FRACTION] [SEED]
import { writeFileSync } from 'node:fs';
import { files } from '../dist/core/files.node.js';
import { openRecords, readRows, stratifiedSplit } from '../dist/data/index.js';

const [path, text, label, out, fraction = '0.2', seed = '0'] = process.argv.slice(2);
const { rows } = await readRows(await openRecords(files, path), { columns: { text, label } });
const { train, held } = stratifiedSplit(
  rows.map(({ values }) => values.label),
  Number(fraction),
  Number(seed),
);
for (const [part, places] of Object.entries({ train, test: held })) {
  const lines = places.map((place) => `${JSON.stringify(rows[place].values)}\n`);
  writeFileSync(`${out}.${part}.jsonl`, lines.join(''));
  console.log(`${out}.${part}.jsonl: ${lines.length} rows`);
}
