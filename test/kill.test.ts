// Whatever the moment at which a training process is killed, the run that is resumed ends with the same bits.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../src/core/random.js';
import { mnemeProcess, startMneme } from './support/command-line.js';

const text = 'sing, goddess, of the anger that was not to be put out; '.repeat(30);

/** Saves often, so that many kills hit a checkpoint that is being written. */
const recipe = {
  model: { width: 8, layers: 2, heads: 2, maxLength: 8, memory: ['attention', 'gru'], dropout: 0.2 },
  training: {
    steps: 60,
    batchSize: 2,
    learningRate: 0.01,
    evaluateEvery: 10,
    evaluationBatches: 2,
    saveEvery: 2,
    recordEvery: 1,
  },
};

/** What is remembered is carried from batch to batch, through more than one epoch. */
const carrying = {
  model: { ...recipe.model, memory: ['lstm', 'gru'], position: 'none' },
  training: { ...recipe.training, batchSize: 4, order: 'sequential', carryState: true },
};

/** Tokens are hidden anew in every step. */
const masked = {
  task: 'masked-language-model',
  tokenizer: { kind: 'word-piece', vocabularySize: 60 },
  model: { width: 8, layers: 1, heads: 2, maxLength: 16, dropout: 0.2 },
  training: { steps: 40, batchSize: 2, learningRate: 0.01, evaluateEvery: 10, saveEvery: 2, recordEvery: 1 },
};

const parts = ['model.safetensors', 'optimizer.safetensors', 'state.json', 'best/model.safetensors'];

interface Case {
  readonly recipe: object;
  readonly kills: number;
  /** Files that must not depend on how often the run was killed. */
  readonly parts: readonly string[];
}

const cases: Readonly<Record<string, Case>> = {
  anew: { recipe, kills: 20, parts },
  masked: { recipe: masked, kills: 8, parts },
  carrying: { recipe: carrying, kills: 8, parts: [...parts, 'memory.safetensors'] },
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-kill-'));
  await writeFile(join(folder, 'text.txt'), text);
  for (const [name, { recipe }] of Object.entries(cases))
    await writeFile(join(folder, `${name}.json`), JSON.stringify(recipe));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One command that begins a run or goes on with it. */
const command = (name: string, run: string): string[] =>
  ['train', '--resume', '--out', join(folder, name, run), '--threads', '1', '--json']
    .concat(['--data', join(folder, 'text.txt')])
    .concat(['--config', join(folder, `${name}.json`)]);

async function bitsOf(name: string, run: string): Promise<readonly string[]> {
  const files = cases[name]?.parts ?? [];
  const contents = await Promise.all(files.map((file) => readFile(join(folder, name, run, file))));
  return contents.map((content, i) => `${files[i]}: ${content.toString('hex')}`);
}

it.each(Object.entries(cases))(
  'ends with the same bits after kills at random moments: %s',
  async (name, { kills }) => {
    const began = performance.now();
    expect((await mnemeProcess(command(name, 'whole'))).code).toBe(0);
    const wholeMs = performance.now() - began;
    const expected = await bitsOf(name, 'whole');

    const random = Random.fromSeed(Date.now());
    let run = 'killed-0';
    for (let killed = 0; killed < kills;) {
      const { process, ended } = startMneme(command(name, run));
      // From before the first line of the program to the end of the whole run.
      const isOver = await Promise.race([ended.then(() => true), wait(random.uniform() * wholeMs, false)]);
      if (!isOver) {
        process.kill('SIGKILL');
        killed++;
      }
      const { code, stderr } = await ended;
      if (code === null) continue;
      // It was faster than its killer: this run is compared, and the next one begins.
      expect(stderr).not.toContain('error');
      expect(await bitsOf(name, run)).toEqual(expected);
      run = `killed-${killed}`;
    }
    const { code, stderr } = await mnemeProcess(command(name, run));
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    expect(await bitsOf(name, run)).toEqual(expected);
  },
  240_000,
);
