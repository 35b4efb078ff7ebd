// Run folders: created, resumed, read, locked and read-only.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { files as nodeFiles } from '#files';
import {
  description,
  checkpointAt,
  like,
  train,
  diskAfter,
  stepHeld,
  endOf,
  readOnly,
} from '../../test/support/toy-run.js';
import { filesKilledAt, MemoryDisk, MemoryFiles } from '../testing/memory-files.js';
import { InternalError, StorageError } from '../core/errors.js';
import { createRun, openRun, readRun } from './run-folder.js';

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
    await expect(openRun(new MemoryFiles(disk), 'run')).rejects.toThrow(/locked by process \d+/);
    await expect(createRun(new MemoryFiles(disk), 'run', description)).rejects.toThrow(
      /locked by process \d+/,
    );
    expect(await stepHeld(readOnly(disk), 'last')).toBe(1);
    await run.close();
    await (await openRun(new MemoryFiles(disk), 'run')).close();
  });

  it('is released when opening fails', async () => {
    const disk = await diskAfter(1);
    disk.contents.set('run/state.json', new TextEncoder().encode('{'));
    await expect(openRun(new MemoryFiles(disk), 'run')).rejects.toThrow('not valid JSON');
    expect([...disk.contents.keys()].filter((name) => name.includes('.lock'))).toEqual([]);
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
