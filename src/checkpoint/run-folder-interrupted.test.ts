// Run folders whose writers are killed at every change of the disk, find it full, or write while others read.
import { describe, expect, it } from 'vitest';
import { checkpointAt, train, diskAfter, stepHeld, endOf, readOnly } from '../../test/support/toy-run.js';
import { filesKilledAt, MemoryDisk, MemoryFiles } from '../testing/memory-files.js';
import { StorageError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { openRun } from './run-folder.js';

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
      at = -Infinity;
      await run.close();
      await (await openRun(new MemoryFiles(disk), 'run')).close();
      expect([...disk.contents.keys()].sort()).toEqual(before);
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
