// Classification on top of an encoder that was pre-trained on plain text, by commands, end to end.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mneme } from '../../../test/support/command-line.js';
import { readRun } from '../../checkpoint/index.js';
import { files } from '../../core/files.node.js';
import { Random } from '../../core/random.js';

let folder = '';
const at = (name: string): string => join(folder, name);

const words = {
  good: ['clean', 'quiet', '房间很大', '早餐不错'],
  bad: ['dirty', 'loud', '房间很脏', '早餐太差'],
} as const;
const filler = ['the hotel', '酒店', 'at night', 'we think', '这个'];

function reviews(count: number, seed: number): { readonly text: string; readonly label: string }[] {
  const random = Random.fromSeed(seed);
  const pick = (from: readonly string[]): string => from[random.integer(from.length)] ?? '';
  return Array.from({ length: count }, (_, i) => {
    const label = i % 2 === 0 ? 'good' : 'bad';
    return { text: `${pick(filler)} ${pick(words[label])} ${pick(filler)}`, label };
  });
}

async function succeeds(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await mneme(args);
  expect(code, stderr).toBe(0);
  return stdout;
}

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** No n-grams: only what the encoder reads can tell. */
const model = { features: 0, dropout: 0, maxLength: 32 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-pretrained-'));
  const texts = reviews(120, 1).map(({ text }) => `${text}.`);
  await writeFile(at('corpus.txt'), texts.join('\n'));
  await writeFile(at('reviews.jsonl'), jsonl(reviews(160, 2)));
  await writeFile(at('test.jsonl'), jsonl(reviews(20, 3)));
  const pretraining = {
    task: 'masked-language-model',
    tokenizer: { kind: 'word-piece', vocabularySize: 120 },
    model: { width: 16, layers: 2, heads: 2, maxLength: 24, dropout: 0 },
    training: { steps: 8, maxTokens: 128, learningRate: 0.01 },
  };
  await writeFile(at('base.json'), JSON.stringify(pretraining));
  await succeeds(
    'train',
    '--task',
    'masked-language-model',
    '--data',
    at('corpus.txt'),
    '--config',
    at('base.json'),
    '--out',
    at('base'),
  );
  const training = { steps: 60, batchSize: 16, learningRate: 0.005, evaluateEvery: 60 };
  await writeFile(at('classify.json'), JSON.stringify({ model, training }));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

it('learns with the tokenizer and the encoder of the base, which no text of the table taught', async () => {
  const given = ['--data', at('reviews.jsonl'), '--config', at('classify.json'), '--out', at('run')];
  await succeeds('tune', at('base'), '--task', 'classify', ...given);
  const report = JSON.parse(
    await succeeds('evaluate', at('run'), '--data', at('test.jsonl'), '--json'),
  ) as object;
  expect(report).toMatchObject({ rows: 20 });
  expect((report as { readonly accuracy: number }).accuracy).toBeGreaterThan(0.9);
  expect(await succeeds('classify', at('run'), 'the hotel 房间很脏')).toMatch(/^bad\t/);
  const [base, run] = await Promise.all([at('base'), at('run')].map((path) => readRun(files, path)));
  expect(run?.tokenizer).toBe(base?.tokenizer);
  expect(run?.config.model).toMatchObject({
    reader: { kind: 'encoder', width: 16, layers: 2, maxLength: 24 },
  });
}, 60_000);

it('leaves what is frozen as pre-training made it, bit by bit, and learns the rest', async () => {
  const given = ['--data', at('reviews.jsonl'), '--config', at('classify.json'), '--steps', '2'];
  const frozen = ['--freeze', 'reader', '--layer-decay', '0.5', '--out', at('frozen')];
  await succeeds('tune', at('base'), '--task', 'classify', ...given, ...frozen);
  const { reader, rest } = await parametersOf('frozen');
  const base = new Map(
    [...(await (await readRun(files, at('base'))).tensors('best'))].filter(([path]) =>
      path.startsWith('encoder.'),
    ),
  );
  expect(reader.size).toBe(base.size);
  for (const [path, tensor] of base)
    expect(reader.get(path.replace('encoder.', 'reader.'))?.data, path).toEqual(tensor.data);
  expect(rest.size).toBeGreaterThan(0);
}, 60_000);

it('needs nothing but the run and the table: the recipe is that for a base, n-grams beside the encoder', async () => {
  const given = ['--data', at('reviews.jsonl'), '--steps', '2', '--out', at('default')];
  await succeeds('tune', at('base'), '--task', 'classify', ...given);
  const { reader, rest } = await parametersOf('default');
  expect(reader.size).toBeGreaterThan(0);
  expect([...rest.keys()]).toContain('features.weight');
  const { config } = await readRun(files, at('default'));
  expect(config['training']).toMatchObject({ layerDecay: 0.9 });
}, 60_000);

async function parametersOf(name: string) {
  const tensors = [...(await (await readRun(files, at(name))).tensors('last'))];
  const isReader = ([path]: (typeof tensors)[number]): boolean => path.startsWith('reader.');
  return {
    reader: new Map(tensors.filter(isReader)),
    rest: new Map(tensors.filter((entry) => !isReader(entry))),
  };
}
