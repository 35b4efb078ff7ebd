// A summarizer learned from a tiny language, end to end, and made better by a metric.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordSource } from '../../data/index.js';
import { files } from '../../core/files.node.js';
import { Random } from '../../core/random.js';
import { openRecords } from '../../data/index.js';
import { rouge, scoreCorpus } from '../../metrics/index.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { evaluateTask } from '../tune/evaluate.js';
import { loadTask } from '../tune/load.js';
import { tune } from '../tune/tune.js';
import { Summarizer, summarize } from './summarize.js';
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

/** ROUGE-L of texts that a run draws for dialogues it has not learned from. */
async function meanRewardOfDraws(run: string): Promise<number> {
  const rows = dialogues(100, 21);
  const summarizer = await Summarizer.open(await loadTask(files, run), { runtime });
  const drawn = await summarizer.write(
    rows.map(({ text }) => text),
    { sample: { seed: 3 } },
  );
  await summarizer.dispose();
  return scoreCorpus(
    rouge('rougeL'),
    drawn.map(({ text }) => text),
    rows.map(({ summary }) => summary),
  ).score;
}

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

  it('learns from a reward alone to write what the metric prefers', async () => {
    const [base, out] = [join(folder, 'weak'), join(folder, 'rewarded')];
    const data = await table('again', dialogues(300, 1));
    const common = { task: summarizeTask, data, validationFraction: 0 };
    const half = { ...recipe, training: { ...training, steps: 44 } };
    await tune({ files, runtime, folder: base }, { ...common, recipe: half });
    const reward = { metric: 'rouge-l', samples: 6, referenceShare: 0 };
    const own = {
      tokenizer: {},
      model: { ...model, pairs: { ...model.pairs, reward } },
      training: { ...training, batchSize: 16, learningRate: 1e-3, warmUpSteps: 0, steps: 40 },
    };
    await tune({ files, runtime, folder: out }, { ...common, recipe: own, base });
    expect(await meanRewardOfDraws(out)).toBeGreaterThan((await meanRewardOfDraws(base)) + 0.1);
  });

  it('copies from its context what the text does not say', async () => {
    const random = Random.fromSeed(31);
    const pick = (list: readonly string[]): string => list[random.integer(list.length)] ?? '';
    const rows = Array.from({ length: 240 }, () => {
      const [who, what] = [pick(['Ann', 'Bob', 'Eve', 'Tom']), pick(['tea', 'rice'])];
      return { speaker: who, text: `well , ${what} please .`, summary: `${who} wants ${what}` };
    });
    const out = join(folder, 'speakers');
    const own = { ...recipe, model: { ...model, copy: true } };
    const data = await table('speakers', rows);
    await tune(
      { files, runtime, folder: out },
      { task: summarizeTask, recipe: own, data, context: ['speaker'] },
    );
    const asked = ['Eve', 'Bob'].map((who) => ({ text: 'well , rice please .', context: [who] }));
    expect(await summarize(out, asked, { files, runtime })).toEqual(['Eve wants rice', 'Bob wants rice']);
    const { rouge1 } = await evaluateTask(files, runtime, await loadTask(files, out), { data });
    expect(rouge1).toBeGreaterThan(0.9);
  });

  it('says that a reward needs a run to go on from', async () => {
    const own = { ...recipe, model: { ...model, pairs: { reward: { metric: 'bleu' } } } };
    const job = { files, runtime, folder: join(folder, 'none') };
    const data = await table('few', dialogues(20, 2));
    await expect(tune(job, { task: summarizeTask, recipe: own, data })).rejects.toThrow('mneme tune RUN');
  });
});
