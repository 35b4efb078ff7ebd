// Run folders: created, resumed, read; killed at every change of the disk; full disks, locks and files of other models.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { files as nodeFiles } from '#files';
import { filesKilledAt, MemoryDisk, MemoryFiles } from '../../test/support/memory-files.js';
import { CheckpointError, InternalError, StorageError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import type { Which } from './layout.js';
import type { TrainingRun } from './run-folder.js';
import { createRun, openRun, readRun } from './run-folder.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';
import type { Checkpoint } from './save.js';

const description = { config: { model: { kind: 'toy', width: 2 }, steps: 9 }, tokenizer: '{"model":"toy"}' };

/** A checkpoint in which every value tells its step. */
function checkpointAt(step: number, width = 2): Checkpoint {
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

const { state: _, ...like } = checkpointAt(0);
const { model } = like;

/** Records a step and saves its checkpoint, as a trainer does. */
async function train(run: TrainingRun, step: number, isBest = true): Promise<void> {
  await run.appendMetrics({ step, loss: 1 / step });
  await run.saveCheckpoint(checkpointAt(step), { isBest });
}

/** A disk with a run trained for `steps` steps whose process has ended. */
async function diskAfter(...steps: number[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const run = await createRun(new MemoryFiles(disk), 'run', description);
  for (const step of steps) await train(run, step);
  await run.close();
  return disk;
}

/** The step of a checkpoint, after checking that everything in it is of that step, bit for bit. */
async function stepHeld(files: Files, which: Which): Promise<number> {
  const run = await readRun(files, 'run');
  const trees = which === 'last' ? like : { model };
  const loaded = await run.load(which, trees);
  const { state, ...expected } = checkpointAt(loaded.state.step);
  expect(loaded.trees).toEqual(which === 'last' ? expected : { model: expected.model });
  expect(loaded.state).toMatchObject(state);
  return state.step;
}

/** Ends a process that was to be killed; tells whether it had come to its end. */
function endOf(files: MemoryFiles): boolean {
  const isDone = !files.isDead;
  files.isDead = true;
  return isDone;
}

function readOnly(disk: MemoryDisk): MemoryFiles {
  return new MemoryFiles(disk, (change) => {
    throw new StorageError(`Cannot ${change}: the file system is read-only.`);
  });
}

describe('a run folder', () => {
  it('holds the files that users know', async () => {
    const disk = await diskAfter(1);
    expect([...disk.contents.keys()].sort()).toEqual([
      'run/best/model.safetensors',
      'run/best/state.json',
      'run/config.json',
      'run/metrics.jsonl',
      'run/model.safetensors',
      'run/optimizer.safetensors',
      'run/state.json',
      'run/tokenizer.json',
    ]);
    const run = await readRun(new MemoryFiles(disk), 'run');
    expect({ config: run.config, tokenizer: run.tokenizer }).toEqual(description);
  });

  it('gives back the last checkpoint, the best one and the metrics', async () => {
    const disk = await diskAfter(1, 2);
    const run = await openRun(new MemoryFiles(disk), 'run');
    await train(run, 3, false);
    await run.close();
    expect(await stepHeld(readOnly(disk), 'last')).toBe(3);
    expect(await stepHeld(readOnly(disk), 'best')).toBe(2);
    const records = await (await readRun(readOnly(disk), 'run')).metrics();
    expect(records.map(({ step }) => step)).toEqual([1, 2, 3]);
  });

  it('knows before the first checkpoint that there is none', async () => {
    const run = await openRun(new MemoryFiles(await diskAfter()), 'run');
    expect(await run.state('last')).toBeUndefined();
    expect(await run.holds('best')).toBe(false);
    await expect(run.load('last', like)).rejects.toThrow('"run" has no last checkpoint yet');
  });

  it('names the best checkpoint to use, or the last where no best was chosen', async () => {
    const run = await openRun(new MemoryFiles(await diskAfter()), 'run');
    await train(run, 1, false);
    expect(await run.bestKnown()).toBe('last');
    await train(run, 2, true);
    expect(await run.bestKnown()).toBe('best');
  });

  it('cuts the metrics back to the last checkpoint when training resumes', async () => {
    const disk = await diskAfter(1, 2);
    const run = await openRun(new MemoryFiles(disk), 'run');
    await run.appendMetrics({ step: 3, loss: 0.3 });
    await run.close();
    await new MemoryFiles(disk).append('run/metrics.jsonl', '{"step":4,"lo');
    const resumed = await openRun(new MemoryFiles(disk), 'run');
    expect((await resumed.metrics()).map(({ step }) => step)).toEqual([1, 2]);
    await train(resumed, 3);
    expect((await resumed.metrics()).map(({ step }) => step)).toEqual([1, 2, 3]);
  });

  it('refuses to save two checkpoints at once', async () => {
    const run = await openRun(new MemoryFiles(await diskAfter()), 'run');
    const first = run.saveCheckpoint(checkpointAt(1));
    await expect(run.saveCheckpoint(checkpointAt(2))).rejects.toThrow(InternalError);
    await first;
    await run.saveCheckpoint(checkpointAt(2));
    expect((await run.state('last'))?.step).toBe(2);
  });
});

describe('a new run', () => {
  it.each(['config.json', 'tokenizer.json', 'model.safetensors', 'metrics.jsonl'])(
    'never overwrites %s',
    async (name) => {
      const disk = new MemoryDisk();
      const files = new MemoryFiles(disk);
      await files.makeFolder('run');
      await files.writeAtomic(`run/${name}`, 'precious');
      await expect(createRun(files, 'run', description)).rejects.toThrow(`"run" already holds "${name}"`);
      expect([...disk.contents.keys()]).toEqual([`run/${name}`]);
      expect(await files.readText(`run/${name}`)).toBe('precious');
      expect(disk.locks.size).toBe(0);
    },
  );

  it('is there whole or not at all, wherever its creation was killed', async () => {
    for (let change = 0, isDone = false; !isDone; change++) {
      const disk = new MemoryDisk();
      const killed = filesKilledAt(disk, change);
      await createRun(killed, 'run', description).catch(() => undefined);
      isDone = endOf(killed);
      const files = new MemoryFiles(disk);
      const begun = await readRun(readOnly(disk), 'run').catch(() => undefined);
      const run = begun ? await openRun(files, 'run') : await createRun(files, 'run', description);
      await train(run, 1);
      expect(await stepHeld(files, 'last')).toBe(1);
    }
  });
});

describe('kill -9', () => {
  it('leaves the previous checkpoint or the new one, whole, at every change of the disk', async () => {
    const steps: number[] = [];
    for (let change = 0, isDone = false; !isDone; change++) {
      const disk = await diskAfter(1, 2);
      const killed = filesKilledAt(disk, change);
      await openRun(killed, 'run')
        .then((run) => train(run, 3))
        .catch(() => undefined);
      isDone = endOf(killed);
      steps.push(await stepHeld(readOnly(disk), 'last'));
      expect(await stepHeld(readOnly(disk), 'best')).toBe(steps.at(-1));

      const run = await openRun(new MemoryFiles(disk), 'run');
      expect(await stepHeld(readOnly(disk), 'last')).toBe(steps.at(-1));
      expect((await run.metrics()).map(({ step }) => step)).toEqual(steps.at(-1) === 2 ? [1, 2] : [1, 2, 3]);
      await train(run, 4);
      expect(await stepHeld(readOnly(disk), 'last')).toBe(4);
    }
    const changed = steps.indexOf(3);
    expect(changed).toBeGreaterThan(10);
    expect(steps).toEqual(steps.map((_, i) => (i < changed ? 2 : 3)));
  });
});

describe('a disk that is full', () => {
  it('stops a save at any change with an error, keeps a whole checkpoint, and lets saving go on once there is space', async () => {
    for (let change = 0, isDone = false; !isDone; change++) {
      const disk = await diskAfter(1);
      let until = Infinity;
      const files = new MemoryFiles(disk, (what) => {
        if (until-- <= 0) throw new StorageError(`Cannot ${what}: no space is left on the disk.`);
      });
      const run = await openRun(files, 'run');
      until = change;
      const error = await run
        .saveCheckpoint(checkpointAt(2), { isBest: true })
        .catch((thrown: unknown) => thrown);
      isDone = error === undefined;
      if (!isDone) {
        expect(error).toBeInstanceOf(StorageError);
        expect(String(error)).toMatch(
          /step 2 was not saved: .*no space is left.*What "run" held before is not lost/,
        );
      }
      until = Infinity;
      expect([1, 2]).toContain(await stepHeld(readOnly(disk), 'last'));
      await run.saveCheckpoint(checkpointAt(3));
      expect(await stepHeld(readOnly(disk), 'last')).toBe(3);
    }
  });

  it('leaves nothing behind once the run is opened again, when the space lacked for a moment only', async () => {
    for (let change = 0, isDone = false; !isDone; change++) {
      const disk = await diskAfter(1);
      const before = [...disk.contents.keys()].sort();
      let at = -Infinity;
      const files = new MemoryFiles(disk, (what) => {
        if (at++ === change) throw new StorageError(`Cannot ${what}: no space is left on the disk.`);
      });
      const run = await openRun(files, 'run');
      at = 0;
      isDone = await run.saveCheckpoint(checkpointAt(2), { isBest: true }).then(
        () => true,
        () => false,
      );
      expect([1, 2]).toContain(await stepHeld(readOnly(disk), 'last'));
      await run.close();
      await openRun(new MemoryFiles(disk), 'run');
      expect([...disk.contents.keys()].sort()).toEqual(before);
    }
  });
});

describe('a folder that is read-only', () => {
  it('can be read, and refuses training with the reason', async () => {
    const disk = await diskAfter(1);
    expect(await stepHeld(readOnly(disk), 'last')).toBe(1);
    await expect(openRun(readOnly(disk), 'run')).rejects.toThrow('the file system is read-only');
    await expect(createRun(readOnly(new MemoryDisk()), 'run', description)).rejects.toThrow(StorageError);
  });
});

describe('the lock', () => {
  it('refuses a second process that trains, lets readers in, and is free when the first ends', async () => {
    const disk = await diskAfter(1);
    const first = new MemoryFiles(disk);
    const run = await openRun(first, 'run');
    await expect(openRun(new MemoryFiles(disk), 'run')).rejects.toThrow('locked by another process');
    await expect(createRun(new MemoryFiles(disk), 'run', description)).rejects.toThrow(
      'locked by another process',
    );
    expect(await stepHeld(readOnly(disk), 'last')).toBe(1);
    await run.close();
    await (await openRun(new MemoryFiles(disk), 'run')).close();
  });

  it('is released when opening fails', async () => {
    const disk = await diskAfter(1);
    disk.contents.set('run/state.json', new TextEncoder().encode('{'));
    await expect(openRun(new MemoryFiles(disk), 'run')).rejects.toThrow('not valid JSON');
    expect(disk.locks.size).toBe(0);
  });

  it('works on a real disk', async () => {
    const folder = await mkdtemp(`${tmpdir()}/mneme-run-`);
    try {
      const run = await createRun(nodeFiles, `${folder}/run`, description);
      await train(run, 1);
      await expect(openRun(nodeFiles, `${folder}/run`)).rejects.toThrow(StorageError);
      await run.close();
      const again = await openRun(nodeFiles, `${folder}/run`);
      expect((await again.load('last', like)).trees).toEqual({
        model: checkpointAt(1).model,
        optimizer: checkpointAt(1).optimizer,
      });
      await again.close();
      expect((await nodeFiles.list(`${folder}/run`)).filter((name) => name.startsWith('.'))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** The disk of a trainer that was killed as soon as `path` was there. */
async function diskKilledOnce(path: string): Promise<MemoryDisk> {
  for (let change = 0; ; change++) {
    const disk = await diskAfter(1);
    const killed = filesKilledAt(disk, change);
    await openRun(killed, 'run')
      .then((run) => train(run, 2))
      .catch(() => undefined);
    if (disk.contents.has(path)) return disk;
  }
}

/** A reader that lets something happen just before one of its reads. */
class InterruptedFiles extends MemoryFiles {
  reads = 0;
  beforeRead: (read: number) => Promise<void> = async () => undefined;

  override async info(path: string): ReturnType<Files['info']> {
    await this.beforeRead(this.reads++);
    return super.info(path);
  }

  override async readText(path: string): Promise<string> {
    await this.beforeRead(this.reads++);
    return super.readText(path);
  }

  override async open(path: string): ReturnType<Files['open']> {
    await this.beforeRead(this.reads++);
    return super.open(path);
  }
}

describe('a reader beside a trainer', () => {
  it('gets files of one checkpoint even when they are replaced between any two of its reads', async () => {
    const steps: number[] = [];
    for (let replaceAt = 0, isDone = false; !isDone; replaceAt++) {
      const disk = await diskAfter(1);
      const trainer = await openRun(new MemoryFiles(disk), 'run');
      const reader = new InterruptedFiles(disk);
      reader.beforeRead = async (read) => {
        if (read === replaceAt) await train(trainer, 2);
      };
      steps.push(await stepHeld(reader, 'last'));
      isDone = reader.reads <= replaceAt;
    }
    const changed = steps.indexOf(1);
    expect(changed).toBeGreaterThan(5);
    expect(steps).toEqual(steps.map((_, i) => (i < changed ? 2 : 1)));
  });

  it('gets them even when the trainer moves one file before each of its reads', async () => {
    const disk = await diskKilledOnce('run/.mneme-next/complete.json');
    const reader = new InterruptedFiles(disk);
    const staged = [...disk.contents.keys()].filter((name) => name.startsWith('run/.mneme-next/'));
    reader.beforeRead = async () => {
      const name = staged.pop();
      if (name) await new MemoryFiles(disk).rename(name, name.replace('.mneme-next/', ''));
    };
    expect(await stepHeld(reader, 'last')).toBe(2);
  });
});

async function loading(disk: MemoryDisk, trees = like): Promise<unknown> {
  return (await readRun(readOnly(disk), 'run')).load('last', trees);
}

describe('files that do not belong together', () => {
  it('are refused when a tensor does not fit, by its name', async () => {
    const { state: _, ...wide } = checkpointAt(1, 3);
    await expect(loading(await diskAfter(1), wide)).rejects.toThrow(
      '"run/model.safetensors" does not fit this model: tensor "layers.0.weight" is float32[2], expected float32[3]',
    );
    const otherOptimizer = { model, optimizer: wide.optimizer };
    await expect(loading(await diskAfter(1), otherOptimizer)).rejects.toThrow(
      '"run/optimizer.safetensors" does not fit this model: tensor "moment.layers.0.weight" is float32[2]',
    );
  });

  it('are refused when the configuration of the model was changed', async () => {
    const disk = await diskAfter(1);
    const changed = { ...description.config, model: { kind: 'toy', width: 2, heads: 4 } };
    await new MemoryFiles(disk).writeAtomic('run/config.json', JSON.stringify(changed));
    await expect(loading(disk)).rejects.toThrow(
      'was not saved with the model that "run/config.json" describes',
    );
    await new MemoryFiles(disk).writeAtomic(
      'run/config.json',
      JSON.stringify({ ...description.config, steps: 99 }),
    );
    await expect(loading(disk)).resolves.toBeDefined();
  });

  it('are refused when the optimizer or the state is of another model with tensors of the same shapes', async () => {
    const other = new MemoryDisk();
    const config = { model: { kind: 'other' } };
    const run = await createRun(new MemoryFiles(other), 'run', { ...description, config });
    await run.saveCheckpoint(checkpointAt(1));
    for (const name of ['run/optimizer.safetensors', 'run/state.json']) {
      const disk = await diskAfter(1);
      disk.contents.set(name, other.contents.get(name) ?? new Uint8Array());
      await expect(loading(disk)).rejects.toThrow(
        `"${name}" was not saved with the model that "run/config.json" describes`,
      );
    }
  });

  it('are refused when they are of different steps', async () => {
    const disk = await diskAfter(1, 2);
    const earlier = await diskAfter(1);
    disk.contents.set(
      'run/optimizer.safetensors',
      earlier.contents.get('run/optimizer.safetensors') ?? new Uint8Array(),
    );
    await expect(loading(disk)).rejects.toThrow(
      '"run/optimizer.safetensors" is of step 1, and the state beside it of step 2',
    );
  });

  it('are refused when one is missing, never taken for a new run', async () => {
    for (const name of ['model.safetensors', 'optimizer.safetensors', 'state.json']) {
      const disk = await diskAfter(1);
      disk.contents.delete(`run/${name}`);
      await expect(loading(disk)).rejects.toThrow(name);
    }
    const disk = await diskAfter(1);
    disk.contents.delete('run/state.json');
    await expect(openRun(new MemoryFiles(disk), 'run')).rejects.toThrow('run/state.json');
  });

  it('are refused when the model is truncated at any length, by the name of the tensor', async () => {
    const disk = await diskAfter(1);
    const whole = disk.contents.get('run/model.safetensors') ?? new Uint8Array();
    const dataBytes = 12;
    for (let length = 0; length < whole.length; length++) {
      disk.contents.set('run/model.safetensors', whole.slice(0, length));
      const isDataCut = length >= whole.length - dataBytes;
      await expect(loading(disk)).rejects.toThrow(
        isDataCut ? /truncated: of tensor "(layers|scale)/ : CheckpointError,
      );
    }
  });

  it('are told apart from files that another program wrote', async () => {
    const disk = await diskAfter(1);
    const files = new MemoryFiles(disk);
    const { tensors } = await readSafetensors(files, 'run/model.safetensors');
    await writeSafetensors(files, 'run/model.safetensors', tensors);
    await expect(loading(disk)).rejects.toThrow('"run/model.safetensors" was not saved with the model');
  });
});

describe('a folder that is no run', () => {
  it('is refused with what to do', async () => {
    const files = new MemoryFiles(new MemoryDisk());
    for (const open of [openRun, readRun]) {
      await expect(open(files, 'run')).rejects.toThrow('"run" is not a run: it has no config.json');
    }
  });

  it('is refused when its config.json is of another kind', async () => {
    const files = new MemoryFiles(new MemoryDisk());
    await files.makeFolder('run');
    await files.writeAtomic('run/config.json', '{"compilerOptions":{}}');
    await expect(openRun(files, 'run')).rejects.toThrow('"run/config.json" is not a run\'s configuration');
  });
});
