// Whatever the moment at which a training process is killed, the run that is resumed ends with the same bits.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../src/core/random.js';
import { mneme, startMneme } from './support/command-line.js';

const kills = 20;
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

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-kill-'));
  await writeFile(join(folder, 'text.txt'), text);
  await writeFile(join(folder, 'recipe.json'), JSON.stringify(recipe));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One command that begins a run or goes on with it. */
const command = (run: string): string[] =>
  ['train', '--resume', '--out', join(folder, run), '--threads', '1', '--json']
    .concat(['--data', join(folder, 'text.txt')])
    .concat(['--config', join(folder, 'recipe.json')]);

/** Everything of a run that must not depend on how often it was killed. */
async function bitsOf(run: string): Promise<readonly string[]> {
  const names = ['model.safetensors', 'optimizer.safetensors', 'state.json', 'best/model.safetensors'];
  const contents = await Promise.all(names.map((name) => readFile(join(folder, run, name))));
  return contents.map((content, i) => `${names[i]}: ${content.toString('hex')}`);
}

it(`ends with the same bits after ${kills} kills at random moments`, async () => {
  const began = performance.now();
  expect((await mneme(command('whole'))).code).toBe(0);
  const wholeMs = performance.now() - began;
  const expected = await bitsOf('whole');

  const random = Random.fromSeed(Date.now());
  let run = 'killed-0';
  for (let killed = 0; killed < kills;) {
    const { process, ended } = startMneme(command(run));
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
    expect(await bitsOf(run)).toEqual(expected);
    run = `killed-${killed}`;
  }
  const { code, stderr } = await mneme(command(run));
  expect(stderr).not.toContain('error');
  expect(code).toBe(0);
  expect(await bitsOf(run)).toEqual(expected);
}, 240_000);
