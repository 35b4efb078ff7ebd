import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { SentenceEncoderOptions } from './sentence-encoder.js';
import { writeSafetensors, readSafetensors } from '../../checkpoint/index.js';
import { files } from '../../core/files.node.js';
import { CheckpointError, ConfigError, StorageError } from '../../core/errors.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { createSentenceEncoder } from './sentence-encoder.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const folderOf = (name: string): string =>
  fileURLToPath(new URL(`../../../test/fixtures/bert/${name}`, import.meta.url));
const bert = folderOf('wordpiece-mean');
const roberta = folderOf('unigram-cls');

/** Vectors of sentence-transformers, made by `test/fixtures/bert/make.py`. */
interface Expected {
  readonly texts: readonly string[];
  readonly vectors: readonly (readonly number[])[];
  readonly queries: readonly (readonly number[])[];
  readonly passages: readonly (readonly number[])[];
}

const expectedOf = (folder: string): Expected =>
  JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as Expected;

const load = (folder: string, options: Partial<SentenceEncoderOptions> = {}) =>
  createSentenceEncoder(folder, { files, runtime, ...options });

/** The largest difference between two lists of vectors. */
function distance(actual: readonly Float32Array[], expected: readonly (readonly number[])[]): number {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  return Math.max(
    ...expected.flatMap((vector, i) => vector.map((value, j) => Math.abs((actual[i]?.[j] ?? NaN) - value))),
  );
}

describe('a sentence encoder', () => {
  it('has the vectors of sentence-transformers: BERT, WordPiece, mean, normalized', async () => {
    const encoder = await load(bert);
    const { texts, vectors } = expectedOf(bert);
    expect(encoder.dimension).toBe(16);
    expect(encoder.maxTokens).toBe(20);
    expect(distance(await encoder.embed(texts, 'passage'), vectors)).toBeLessThan(1e-5);
    await encoder.dispose();
  });

  it('has the vectors of sentence-transformers: XLM-RoBERTa, Unigram, first token, prompts by role', async () => {
    const prefixes = { query: '', passage: '' };
    const { texts, vectors, queries, passages } = expectedOf(roberta);
    const bare = await load(roberta, { normalize: false, prefixes });
    expect(distance(await bare.embed(texts), vectors)).toBeLessThan(1e-5);
    const prompted = await load(roberta, { normalize: false });
    expect(distance(await prompted.embed(texts, 'query'), queries)).toBeLessThan(1e-5);
    expect(distance(await prompted.embed(texts, 'passage'), passages)).toBeLessThan(1e-5);
  });

  it('scales vectors to length 1 unless told otherwise', async () => {
    const encoder = await load(roberta);
    for (const vector of await encoder.embed(expectedOf(roberta).texts))
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it('gives a text the same vector in whatever company, and vectors in the order of the texts', async () => {
    const encoder = await load(bert);
    const { texts, vectors } = expectedOf(bert);
    const many = Array.from({ length: 43 }, (_, i) => (i * 7) % texts.length);
    const actual = await encoder.embed(many.map((i) => texts[i] ?? ''));
    expect(
      distance(
        actual,
        many.map((i) => vectors[i] ?? []),
      ),
    ).toBeLessThan(1e-5);
    expect(await encoder.embed([])).toEqual([]);
  });

  it('reads a text of 10 MB by its beginning', async () => {
    const encoder = await load(bert);
    const [long] = await encoder.embed(['the cat sat on the mat and the dog read a memory '.repeat(200_000)]);
    expect(distance(long === undefined ? [] : [long], expectedOf(bert).vectors.slice(-1))).toBeLessThan(1e-5);
  });

  it('has a name that says whether vectors can be compared', async () => {
    const names = [
      (await load(bert)).name,
      (await load(roberta)).name,
      (await load(roberta, { prefixes: { passage: '' } })).name,
      (await load(roberta, { normalize: false })).name,
    ];
    expect(new Set(names).size).toBe(names.length);
    expect((await load(bert)).name).toBe(names[0]);
    expect((await load(bert, { name: 'mine' })).name).toBe('mine');
  });
});

/** The BERT folder in memory, with some files replaced. */
async function changed(changes: Readonly<Record<string, string>>) {
  const disk = memoryFiles();
  await disk.makeFolder('/model/1_Pooling');
  for (const name of ['config.json', 'tokenizer.json', 'model.safetensors', 'modules.json'])
    await disk.writeAtomic(`/model/${name}`, await files.readBytes(`${bert}/${name}`));
  for (const [name, text] of Object.entries(changes)) await disk.writeAtomic(`/model/${name}`, text);
  return disk;
}

const config = JSON.parse(readFileSync(`${bert}/config.json`, 'utf8')) as Record<string, unknown>;

describe('a folder that is not a sentence encoder', () => {
  it.each([
    ['of another architecture', { ...config, model_type: 'gpt2' }, ConfigError, /model_type/],
    [
      'with relative positions',
      { ...config, position_embedding_type: 'relative_key' },
      ConfigError,
      /position_embedding_type/,
    ],
    [
      'with more layers than its file',
      { ...config, num_hidden_layers: 3 },
      CheckpointError,
      /lacks the tensor "encoder.layer.2.attention.self.query.weight" \[16, 16\]/,
    ],
    [
      'with other sizes than its file',
      { ...config, intermediate_size: 64 },
      CheckpointError,
      /holds \[32, 16\] as "encoder.layer.0.intermediate.dense.weight", expected \[64, 16\]/,
    ],
    [
      'with a smaller vocabulary than its tokenizer',
      { ...config, vocab_size: 100 },
      CheckpointError,
      /not of the same model/,
    ],
  ])('%s is refused', async (_, json, kind, message) => {
    const disk = await changed({ 'config.json': JSON.stringify(json) });
    const attempt = load('/model', { files: disk });
    await expect(attempt).rejects.toThrow(kind);
    await expect(attempt).rejects.toThrow(message);
  });

  it('with a pooling or a module that we lack is refused by name', async () => {
    const pooled = await changed({ '1_Pooling/config.json': '{"pooling_mode": "lasttoken"}' });
    await expect(load('/model', { files: pooled })).rejects.toThrow(/the pooling is lasttoken/);
    const dense = '[{"type": "sentence_transformers.models.Dense", "path": "2_Dense"}]';
    await expect(load('/model', { files: await changed({ 'modules.json': dense }) })).rejects.toThrow(
      /has a module Dense/,
    );
  });

  it('without a file names the file', async () => {
    const disk = await changed({});
    await disk.remove('/model/tokenizer.json');
    const attempt = load('/model', { files: disk });
    await expect(attempt).rejects.toThrow(StorageError);
    await expect(attempt).rejects.toThrow(/tokenizer\.json/);
  });
});

describe('a checkpoint of a model with a head', () => {
  it('is read past the name of the model around the encoder', async () => {
    const disk = await changed({});
    const { tensors } = await readSafetensors(files, `${bert}/model.safetensors`);
    const prefixed = new Map([...tensors].map(([name, tensor]) => [`bert.${name}`, tensor]));
    await writeSafetensors(disk, '/model/model.safetensors', prefixed);
    const encoder = await load('/model', { files: disk });
    const { texts, vectors } = expectedOf(bert);
    expect(distance(await encoder.embed(texts.slice(0, 3)), vectors.slice(0, 3))).toBeLessThan(1e-5);
  });
});

const realFolder = process.env['MNEME_MINILM'];

describe.skipIf(realFolder === undefined)('all-MiniLM-L6-v2 (MNEME_MINILM names its folder)', () => {
  it('has the vectors of sentence-transformers', async () => {
    const expected = JSON.parse(readFileSync(folderOf('all-minilm-l6-v2.json'), 'utf8')) as Expected;
    const encoder = await load(realFolder ?? '');
    expect(distance(await encoder.embed(expected.texts), expected.vectors)).toBeLessThan(1e-4);
    await encoder.dispose();
  });
});
