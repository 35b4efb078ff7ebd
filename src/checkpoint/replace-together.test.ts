// Replacing several files in one step, killed at every change of the disk and at every change of the repair after it.
import { describe, expect, it } from 'vitest';
import { filesKilledAt, MemoryDisk, MemoryFiles } from '../testing/memory-files.js';
import { CheckpointError } from '../core/errors.js';
import { finishReplacing, locate, replaceTogether } from './replace-together.js';

const names = ['a', 'b', 'sub/c'];

async function write(files: MemoryFiles, content: string): Promise<void> {
  const contents = names.map((name) => [name, (path: string) => files.writeAtomic(path, content)] as const);
  await replaceTogether(files, 'run', Object.fromEntries(contents));
}

async function diskHolding(content: string): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  disk.folders.add('run');
  await write(new MemoryFiles(disk), content);
  return disk;
}

/** What a reader sees that may not change anything. */
async function seen(disk: MemoryDisk): Promise<string> {
  const files = new MemoryFiles(disk, (change) => {
    throw new Error(`a reader tried to ${change}`);
  });
  const contents = await Promise.all(
    names.map(async (name) => files.readText(await locate(files, 'run', name))),
  );
  return contents.join(' ');
}

const old = 'old old old';
const fresh = 'new new new';

/** The disk after a writer was killed before each of its changes; the last one came to its end. */
async function killedWriters(): Promise<MemoryDisk[]> {
  const disks: MemoryDisk[] = [];
  for (let change = 0; ; change++) {
    const disk = await diskHolding('old');
    const files = filesKilledAt(disk, change);
    await write(files, 'new').catch(() => undefined);
    disks.push(disk);
    if (!files.isDead) return disks;
  }
}

describe('replaceTogether', () => {
  it('shows all old or all new files to a reader, wherever the writer was killed', async () => {
    const views = await Promise.all((await killedWriters()).map(seen));
    const changed = views.indexOf(fresh);
    expect(changed).toBeGreaterThan(0);
    expect(views).toEqual(views.map((_, i) => (i < changed ? old : fresh)));
  });

  it('can be repaired, even when the repair is killed anywhere, and ends where the reader saw it', async () => {
    for (const crashed of await killedWriters()) {
      const view = await seen(crashed);
      for (let change = 0, isDone = false; !isDone; change++) {
        const disk = new MemoryDisk(crashed);
        const killed = filesKilledAt(disk, change);
        await finishReplacing(killed, 'run').catch(() => undefined);
        expect(await seen(disk)).toBe(view);
        await finishReplacing(new MemoryFiles(disk), 'run');
        expect(await seen(disk)).toBe(view);
        expect([...disk.contents.keys()].sort()).toEqual(['run/a', 'run/b', 'run/sub/c']);
        isDone = !killed.isDead;
      }
    }
  });

  it('can be called again after it was killed anywhere', async () => {
    for (const disk of await killedWriters()) {
      await write(new MemoryFiles(disk), 'third');
      expect(await seen(disk)).toBe('third third third');
    }
  });

  it('leaves the old files and nothing else when one cannot be written', async () => {
    const disk = await diskHolding('old');
    const files = new MemoryFiles(disk);
    const before = new Map(disk.contents);
    const failing = replaceTogether(files, 'run', {
      a: (path) => files.writeAtomic(path, 'new'),
      b: () => Promise.reject(new Error('no')),
    });
    await expect(failing).rejects.toThrow('no');
    expect(disk.contents).toEqual(before);
  });

  it('does not follow a list of names out of the folder', async () => {
    const disk = await diskHolding('old');
    const files = new MemoryFiles(disk);
    for (const name of ['../x', '/x', 'sub/../../x', 'a//b']) {
      await files.makeFolder('run/.mneme-next');
      await files.writeAtomic('run/.mneme-next/complete.json', JSON.stringify([name]));
      await expect(finishReplacing(files, 'run')).rejects.toThrow(CheckpointError);
    }
  });
});
