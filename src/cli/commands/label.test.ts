// Checks what `mneme label` prints, on a run that has learned nothing yet.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mneme } from '../../../test/support/command-line.js';

let folder = '';
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-label-'));
  const rows = ['Anna likes Rome', 'Omar likes 上海'].map((text) => ({
    tokens: text.split(' '),
    labels: ['B-PER', 'O', 'B-LOC'],
  }));
  const lines = [...rows, { tokens: ['a'], labels: ['O', 'O'] }].map((row) => JSON.stringify(row));
  await writeFile(at('data.jsonl'), `${lines.join('\n')}\n`);
  const model = { reader: { kind: 'bidirectional', width: 4 }, maxLength: 16 };
  const training = { steps: 1, batchSize: 2, learningRate: 0.01 };
  await writeFile(at('tiny.json'), JSON.stringify({ model, training }));
  const given = ['--data', at('data.jsonl'), '--config', at('tiny.json'), '--out', at('run'), '--skip-bad'];
  const { code, stderr } = await mneme(['tune', '--task', 'label', '--validation-fraction', '0', ...given]);
  expect([code, stderr]).toEqual([0, expect.stringContaining('1 bad row skipped: 3')]);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

it('prints words with labels as CoNLL files have them', async () => {
  const { stdout } = await mneme(['label', at('run'), 'Anna likes 上海.', 'Omar']);
  expect(stdout).toMatch(
    /^Anna\t(B-PER|O|B-LOC)\nlikes\t\S+\n上海\t\S+\n\.\t\S+\n\nOmar\t(B-PER|O|B-LOC)\n\n$/,
  );
});

it('prints one object a line, of words that are parted by spaces', async () => {
  await writeFile(at('lines.txt'), 'Anna likes Rome.\n\n');
  const { stdout } = await mneme(['label', at('run'), '--input', at('lines.txt'), '--tokenized', '--json']);
  const [first, second] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const labels = expect.arrayContaining([expect.any(String)]) as unknown;
  expect(first).toMatchObject({ tokens: ['Anna', 'likes', 'Rome.'], labels });
  expect(second).toEqual({ tokens: [], labels: [], spans: [] });
});

it('says what is missing', async () => {
  const { code, stderr } = await mneme(['label', at('run')]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('Give a sentence, or --input FILE')]);
});
