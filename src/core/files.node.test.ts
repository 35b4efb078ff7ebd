import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { files } from '#files';
import { nodeFiles } from './files.node.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-node-files-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('the name #files stands for the files of this platform', () => {
  expect(files).toBe(nodeFiles);
});

it('streams a file in pieces of bounded size that add up to it', async () => {
  const content = Uint8Array.from({ length: 250_000 }, (_, i) => i % 251);
  await nodeFiles.writeAtomic(`${folder}/large`, content);
  const pieces: Uint8Array[] = [];
  for await (const piece of nodeFiles.stream(`${folder}/large`)) pieces.push(piece);
  expect(pieces.length).toBeGreaterThan(1);
  expect(Buffer.concat(pieces).equals(content)).toBe(true);
});

describe.skipIf(!existsSync('/dev/full'))('a full disk (needs /dev/full)', () => {
  it('is named, with what to do', async () => {
    await expect(nodeFiles.append('/dev/full', 'line\n')).rejects.toMatchObject({
      message:
        'Cannot append to "/dev/full": no space is left on the disk. Free some space and try again. (ENOSPC)',
      fields: { errno: 'ENOSPC', path: '/dev/full' },
    });
  });
});

describe.skipIf(process.getuid?.() === 0)('a read-only folder (root may write everywhere)', () => {
  it('is named, with what to do', async () => {
    await nodeFiles.makeFolder(`${folder}/closed`);
    await chmod(`${folder}/closed`, 0o500);
    await expect(nodeFiles.writeAtomic(`${folder}/closed/a`, 'x')).rejects.toMatchObject({
      message: expect.stringMatching(/closed\/a": permission denied/),
      fields: { errno: 'EACCES' },
    });
  });
});

/** The claim of a running process: its id and its start time, field 22 of proc(5) `stat`. */
async function claimAs(child: ChildProcess, name: string): Promise<string> {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const claim = `${folder}/${name}.${child.pid}-${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  await writeFile(claim, '');
  return claim;
}

describe.skipIf(!existsSync('/proc/self/stat'))('a lock among processes (needs /proc)', () => {
  it('is refused while its holder lives and taken over when the holder was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    const claim = await claimAs(child, 'train');
    await expect(nodeFiles.lock(`${folder}/train`)).rejects.toThrow(
      `locked by process ${child.pid} (file "${claim}")`,
    );
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    const lock = await nodeFiles.lock(`${folder}/train`);
    expect(existsSync(claim)).toBe(false);
    await lock.release();
  });

  it('is taken over when the process id now belongs to another process', async () => {
    await writeFile(`${folder}/reused.${process.ppid}-1`, '');
    const lock = await nodeFiles.lock(`${folder}/reused`);
    await lock.release();
    expect((await nodeFiles.list(folder)).filter((name) => name.startsWith('reused'))).toEqual([]);
  });
});
