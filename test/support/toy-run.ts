// Runs of a model with a handful of values, on disks in memory, for tests of run folders.
import { expect } from 'vitest';
import { MemoryDisk, MemoryFiles } from '../../src/testing/memory-files.js';
import { StorageError } from '../../src/core/errors.js';
import type { Files } from '../../src/core/files.js';
import { Random } from '../../src/core/random.js';
import { TensorData } from '../../src/core/tensor-data.js';
import type { Which } from '../../src/checkpoint/layout.js';
import type { TrainingRun } from '../../src/checkpoint/run-folder.js';
import { createRun, readRun } from '../../src/checkpoint/run-folder.js';
import type { Checkpoint } from '../../src/checkpoint/save.js';

export const description = {
  config: { model: { kind: 'toy', width: 2 }, steps: 9 },
  tokenizer: '{"model":"toy"}',
};

/** A checkpoint in which every value tells its step. */
export function checkpointAt(step: number, width = 2): Checkpoint {
  const filled = (): TensorData => new TensorData('float32', [width], new Float32Array(width).fill(step));
  return {
    model: { layers: [{ weight: filled() }], scale: new TensorData('float32', [], Float32Array.of(step)) },
    optimizer: {
      moment: { layers: [{ weight: filled() }] },
      count: new TensorData('int32', [], Int32Array.of(step)),
    },
    state: {
      step,
      tokens: step * 10,
      random: Random.fromSeed(step).state(),
      data: { position: step },
      best: { step, metric: 'loss', value: 1 / step },
      evaluationsSinceBest: 0,
    },
  };
}

const { state: _, ...trees } = checkpointAt(0);
/** What is loaded of a checkpoint, without values. */
export const like = trees;
export const { model } = like;

/** Records a step and saves its checkpoint, as a trainer does. */
export async function train(run: TrainingRun, step: number, isBest = true): Promise<void> {
  await run.appendMetrics({ step, loss: 1 / step });
  await run.saveCheckpoint(checkpointAt(step), { isBest });
}

/** A disk with a run trained for `steps` steps whose process has ended. */
export async function diskAfter(...steps: number[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const run = await createRun(new MemoryFiles(disk), 'run', description);
  for (const step of steps) await train(run, step);
  await run.close();
  return disk;
}

/** The step of a checkpoint, after checking that everything in it is of that step, bit for bit. */
export async function stepHeld(files: Files, which: Which): Promise<number> {
  const run = await readRun(files, 'run');
  const trees = which === 'last' ? like : { model };
  const loaded = await run.load(which, trees);
  const { state, ...expected } = checkpointAt(loaded.state.step);
  expect(loaded.trees).toEqual(which === 'last' ? expected : { model: expected.model });
  expect(loaded.state).toMatchObject(state);
  return state.step;
}

/** Ends a process that was to be killed; tells whether it had come to its end. */
export function endOf(files: MemoryFiles): boolean {
  const isDone = !files.isDead;
  files.isDead = true;
  return isDone;
}

export function readOnly(disk: MemoryDisk): MemoryFiles {
  return new MemoryFiles(disk, (change) => {
    throw new StorageError(`Cannot ${change}: the file system is read-only.`);
  });
}
