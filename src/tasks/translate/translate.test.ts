// A translator learned from a tiny language, end to end: from files to translations.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordSource } from '../../data/index.js';
import { files } from '../../core/files.node.js';
import { Random } from '../../core/random.js';
import { parallelText } from '../../data/index.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { evaluateTask } from '../tune/evaluate.js';
import { loadTask } from '../tune/load.js';
import { tune } from '../tune/tune.js';
import { translateTask } from './task.js';
import { translate, Translator } from './translate.js';

const runtime = new NodeRuntime({ threads: 1 });
let folder = '';
const dictionary: Readonly<Record<string, string>> = {
  one: 'eins',
  two: 'zwei',
  red: 'rot',
  dog: 'hund',
  runs: '跑',
  here: '这里',
};
const words = Object.keys(dictionary);
/** Words in the reverse order, each translated. */
const translated = (text: string): string =>
  text
    .split(' ')
    .map((word) => dictionary[word] ?? '')
    .reverse()
    .join(' ');
const sentences = (count: number, seed: number): string[] => {
  const random = Random.fromSeed(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + random.integer(3) }, () => words[random.integer(words.length)] ?? '').join(' '),
  );
};

const recipe = {
  tokenizer: { vocabularySize: 300 },
  model: {
    width: 32,
    hiddenSize: 64,
    encoderLayers: 1,
    decoderLayers: 1,
    heads: 2,
    maxLength: 24,
    pairs: { labelSmoothing: 0, validationRows: 20 },
  },
  training: {
    batchSize: 64,
    buckets: 1,
    steps: 220,
    evaluateEvery: 110,
    learningRate: 1e-2,
    warmUpSteps: 20,
    weightDecay: 0,
  },
};

async function parallel(
  name: string,
  source: readonly string[],
  target: readonly string[],
): Promise<RecordSource> {
  const paths = { source: join(folder, `${name}.en`), target: join(folder, `${name}.de`) };
  await files.writeAtomic(paths.source, `${source.join('\n')}\n`);
  await files.writeAtomic(paths.target, `${target.join('\n')}\n`);
  return parallelText(files, paths);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-translate-'));
  const source = sentences(400, 1);
  const data = await parallel('train', source, source.map(translated));
  const job = { files, runtime, folder: join(folder, 'run') };
  await tune(job, { task: translateTask, recipe, data, validationFraction: 0.1 });
}, 120_000);

afterAll(async () => {
  await runtime.dispose();
  await rm(folder, { recursive: true });
});

describe('translate', () => {
  it('translates what it has not seen', async () => {
    const texts = sentences(20, 7);
    const found = await translate(join(folder, 'run'), texts, { files, runtime });
    const right = found.filter((text, i) => text === translated(texts[i] ?? ''));
    expect(right.length).toBeGreaterThanOrEqual(17);
  });

  it('keeps lines, paragraphs and empty lines of a long text where they are', async () => {
    const text = 'one dog\n\n  red dog runs \ntwo';
    const found = await translate(join(folder, 'run'), text, { files, runtime });
    expect(found.split('\n')).toHaveLength(4);
    expect(found).toMatch(/^\S.*\n\n {2}\S.*\S \n\S+$/);
    expect(await translate(join(folder, 'run'), ' \n', { files, runtime })).toBe(' \n');
  });

  it('translates the same with others and alone, drawn or searched for, as its flags say', async () => {
    const saved = await loadTask(files, join(folder, 'run'), { wanted: 'translate' });
    const translator = await Translator.open(saved, { runtime });
    const texts = ['red dog', 'two dog runs', 'here'];
    const together = await translator.write(texts, { beams: 3 });
    const alone = [];
    for (const text of texts) alone.push(...(await translator.write([text], { beams: 3 })));
    expect(together.map(({ text }) => text)).toEqual(alone.map(({ text }) => text));
    const drawn = await translator.write(texts, { sample: { temperature: 0 } });
    const greedy = await translator.write(texts, { beams: 1 });
    expect(drawn.map(({ text }) => text)).toEqual(greedy.map(({ text }) => text));
    const [without] = await translator.write(['red dog'], { banned: ['hund'] });
    expect(without?.text).not.toContain('hund');
    const [begun] = await translator.write(['red dog'], { prefix: 'rot' });
    expect(begun?.text).toMatch(/^rot/);
    await expect(translator.write(texts, { beams: 2, sample: {} })).rejects.toThrow('drawn or searched for');
    await translator.dispose();
  });

  it('scores rows with BLEU and chrF and says how they were computed', async () => {
    const saved = await loadTask(files, join(folder, 'run'));
    const source = sentences(10, 9);
    const data = await parallel('test', source, source.map(translated));
    const result = await evaluateTask(files, runtime, saved, { data });
    expect(result['rows']).toBe(10);
    expect(Number(result['bleu'])).toBeGreaterThan(50);
    expect(JSON.stringify(result['signatures'])).toContain('nrefs:1|case:mixed');
  });

  it('names files of unequal length, empty targets and runs without its head', async () => {
    const job = { files, runtime, folder: join(folder, 'other') };
    const unequal = await parallel('unequal', ['one', 'two'], ['eins']);
    await expect(tune(job, { task: translateTask, recipe, data: unequal })).rejects.toThrow('unequal length');
    const saved = await loadTask(files, join(folder, 'run'));
    await expect(loadTask(files, join(folder, 'run'), { wanted: 'classify' })).rejects.toThrow('mneme tune');
    const empty = [{ values: { source: 'one', target: ' ' }, line: 3 }];
    expect(() => saved.opened.examples(empty)).toThrow('Row 3 has no target');
  });
});
