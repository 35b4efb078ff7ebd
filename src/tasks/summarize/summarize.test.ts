// A summarizer learned from a tiny language, end to end, and made better by a metric.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordSource } from '../../data/index.js';
import { files } from '../../core/files.node.js';
import { Random } from '../../core/random.js';
import { openRecords } from '../../data/index.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { evaluateTask } from '../tune/evaluate.js';
import { loadTask } from '../tune/load.js';
import { tune } from '../tune/tune.js';
import { Summarizer } from './summarize.js';
import { summarizeTask } from './task.js';

const runtime = new NodeRuntime({ threads: 1 });
let folder = '';

/** Two names in a sentence of noise; the summary is the names. */
function dialogue(random: Random): { text: string; summary: string; summary2?: string } {
  const pick = (list: readonly string[]): string => list[random.integer(list.length)] ?? '';
  const [who, what] = [pick(['Ann', 'Bob', 'Eve', 'Tom']), pick(['tea', 'rice', 'milk', 'fish'])];
  return { text: `well ${who} says so : ${what} please .`, summary: `${who} wants ${what}` };
}

async function table(name: string, rows: readonly object[]): Promise<RecordSource> {
  const path = join(folder, `${name}.jsonl`);
  await files.writeAtomic(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return openRecords(files, path);
}

function dialogues(count: number, seed: number): ReturnType<typeof dialogue>[] {
  const random = Random.fromSeed(seed);
  return Array.from({ length: count }, () => dialogue(random));
}

const model = {
  width: 32,
  hiddenSize: 64,
  encoderLayers: 1,
  decoderLayers: 1,
  heads: 2,
  maxLength: 24,
  pairs: { labelSmoothing: 0, validationRows: 24 },
};
const training = { batchSize: 32, buckets: 1, learningRate: 5e-3, warmUpSteps: 10, weightDecay: 0 };
const recipe = {
  tokenizer: { vocabularySize: 300 },
  model,
  training: { ...training, steps: 70, evaluateEvery: 70 },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-summarize-'));
  const data = await table('train', dialogues(300, 1));
  const job = { files, runtime, folder: join(folder, 'run') };
  await tune(job, { task: summarizeTask, recipe, data, validationFraction: 0.1 });
}, 120_000);

afterAll(async () => {
  await runtime.dispose();
  await rm(folder, { recursive: true });
});

describe('summarize', () => {
  it('summarizes long texts chunk by chunk, and then what the chunks say', async () => {
    const saved = await loadTask(files, join(folder, 'run'), { wanted: 'summarize' });
    const summarizer = await Summarizer.open(saved, { runtime });
    const short = dialogue(Random.fromSeed(5)).text;
    const long = dialogues(6, 9)
      .map(({ text }) => text)
      .join('\n\n');
    const [ofShort, ofLong, ofNothing] = await summarizer.write([short, long, ' ']);
    await summarizer.dispose();
    expect(ofShort?.passes).toBe(1);
    expect(ofShort?.text).toMatch(/wants/);
    expect(ofLong?.passes).toBeGreaterThan(1);
    expect(ofLong?.chunks.length).toBeGreaterThan(1);
    expect(ofLong?.chunks.map(({ start, end }) => long.slice(start, end)).join('')).toBe(long);
    expect(ofNothing).toEqual({ text: '', passes: 0, chunks: [] });
  });

  it('takes the mean over several references', async () => {
    const saved = await loadTask(files, join(folder, 'run'));
    const rows = dialogues(4, 3);
    const one = await evaluateTask(files, runtime, saved, { data: await table('one', rows) });
    const two = await evaluateTask(files, runtime, saved, {
      data: await table(
        'two',
        rows.map(({ text, summary }) => ({ text, summary, summary2: 'nothing alike' })),
      ),
    });
    expect(Number(two['rouge1'])).toBeCloseTo(Number(one['rouge1']) / 2, 5);
    expect(JSON.stringify(two['signatures'])).toContain('refs:mean');
  });

  it('says that a reward needs a run to go on from', async () => {
    const own = { ...recipe, model: { ...model, pairs: { reward: { metric: 'bleu' } } } };
    const job = { files, runtime, folder: join(folder, 'none') };
    const data = await table('few', dialogues(20, 2));
    await expect(tune(job, { task: summarizeTask, recipe: own, data })).rejects.toThrow('mneme tune RUN');
  });
});
