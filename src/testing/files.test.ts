// One body for every implementation of Files: the machine's and the one in memory.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StorageError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { isTemporaryName, removeTemporaryFiles } from '../core/files.js';
import { nodeFiles } from '../core/files.node.js';
import { filesFullAt, memoryFiles } from './memory-files.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function drain(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: number[] = [];
  for await (const piece of pieces) for (const byte of piece) all.push(byte);
  return Uint8Array.from(all);
}

describe.each<[string, () => Files, () => Promise<string>]>([
  ['nodeFiles', () => nodeFiles, () => mkdtemp(join(tmpdir(), 'mneme-files-'))],
  ['memoryFiles', memoryFiles, async () => '/memory'],
])('%s', (_name, create, createFolder) => {
  const files = create();
  let folder = '';
  beforeAll(async () => {
    folder = await createFolder();
    await files.makeFolder(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('gives back what was written', async () => {
    const path = `${folder}/a.txt`;
    await files.writeAtomic(path, 'één 中文');
    expect(await files.readText(path)).toBe('één 中文');
    expect(await files.readBytes(path)).toEqual(bytes('één 中文'));
    expect(await drain(files.stream(path))).toEqual(bytes('één 中文'));
    expect(await files.info(path)).toMatchObject({ kind: 'file', bytes: 12 });
  });

  it('reads at any position and stops at the end', async () => {
    await files.writeAtomic(`${folder}/digits`, '0123456789');
    const file = await files.open(`${folder}/digits`);
    const target = new Uint8Array(4);
    expect(file.bytes).toBe(10);
    expect(await file.read(target, 3)).toBe(4);
    expect(target).toEqual(bytes('3456'));
    expect(await file.read(target, 8)).toBe(2);
    expect(await file.read(target, 20)).toBe(0);
    await file.close();
  });

  it('shows an atomic file under its name only after the commit', async () => {
    const path = `${folder}/weights.bin`;
    await files.writeAtomic(path, 'old');
    const writer = await files.createAtomic(path);
    await writer.write(bytes('ne'));
    await writer.write(bytes('w'));
    expect(await files.readText(path)).toBe('old');
    expect((await files.list(folder)).filter(isTemporaryName)).toHaveLength(1);
    await writer.commit();
    await writer.abandon();
    expect(await files.readText(path)).toBe('new');
    expect((await files.list(folder)).filter(isTemporaryName)).toEqual([]);
  });

  it('leaves the old file and nothing else when a write is abandoned', async () => {
    const path = `${folder}/kept`;
    await files.writeAtomic(path, 'old');
    const writer = await files.createAtomic(path);
    await writer.write(bytes('new'));
    await writer.abandon();
    expect(await files.readText(path)).toBe('old');
    expect((await files.list(folder)).filter(isTemporaryName)).toEqual([]);
  });

  it('leaves no temporary file when a commit fails', async () => {
    await files.makeFolder(`${folder}/taken/inside`);
    await expect(files.writeAtomic(`${folder}/taken`, 'x')).rejects.toThrow(StorageError);
    expect((await files.list(folder)).filter(isTemporaryName)).toEqual([]);
  });

  it('is cleared of what killed processes left, and of nothing else', async () => {
    await files.makeFolder(`${folder}/run`);
    await files.writeAtomic(`${folder}/run/.hidden.tmp`, 'kept');
    const writer = await files.createAtomic(`${folder}/run/model.safetensors`);
    await writer.write(bytes('half'));
    expect(await files.list(`${folder}/run`)).toHaveLength(2);
    await removeTemporaryFiles(files, `${folder}/run`);
    expect(await files.list(`${folder}/run`)).toEqual(['.hidden.tmp']);
    await writer.abandon();
    await files.remove(`${folder}/run`);
  });

  it('appends, truncates and renames', async () => {
    const path = `${folder}/log`;
    await files.append(path, 'one\n');
    await files.append(path, 'two\n');
    await files.truncate(path, 4);
    expect(await files.readText(path)).toBe('one\n');
    await files.rename(path, `${folder}/moved`);
    expect(await files.info(path)).toBeUndefined();
    expect(await files.readText(`${folder}/moved`)).toBe('one\n');
  });

  it('lists a folder in order, moves it whole and removes it whole', async () => {
    await files.makeFolder(`${folder}/b/deep`);
    await files.writeAtomic(`${folder}/b/z`, '');
    await files.writeAtomic(`${folder}/b/deep/a`, '1');
    expect(await files.list(`${folder}/b`)).toEqual(['deep', 'z']);
    expect(await files.info(`${folder}/b`)).toMatchObject({ kind: 'folder', bytes: 0 });
    await files.rename(`${folder}/b`, `${folder}/c`);
    expect(await files.readText(`${folder}/c/deep/a`)).toBe('1');
    await files.remove(`${folder}/c`);
    await files.remove(`${folder}/c`);
    expect(await files.info(`${folder}/c`)).toBeUndefined();
    expect(await files.info(`${folder}/c/deep/a`)).toBeUndefined();
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['readBytes', (path) => files.readBytes(path)],
    ['readText', (path) => files.readText(path)],
    ['stream', (path) => drain(files.stream(path))],
    ['open', (path) => files.open(path)],
    ['list', (path) => files.list(path)],
    ['rename', (path) => files.rename(path, `${path}2`)],
    ['truncate', (path) => files.truncate(path, 0)],
    ['writeAtomic', (path) => files.writeAtomic(`${path}/file`, 'x')],
    ['append', (path) => files.append(`${path}/file`, 'x')],
    ['lock', (path) => files.lock(`${path}/file`)],
  ])('%s says which path is missing and what to do', async (_method, call) => {
    const error: unknown = await call(`${folder}/missing`).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/missing.*Check the path/),
      fields: { errno: 'ENOENT', path: expect.stringContaining('missing') },
    });
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['readBytes', (path) => files.readBytes(path)],
    ['stream', (path) => drain(files.stream(path))],
    ['append', (path) => files.append(path, 'x')],
  ])('%s says that a folder is not a file', async (_method, call) => {
    await expect(call(folder)).rejects.toMatchObject({ code: 'storage', fields: { errno: 'EISDIR' } });
  });

  it('refuses text that is not UTF-8', async () => {
    await files.writeAtomic(`${folder}/latin1`, Uint8Array.of(0x63, 0xe9));
    await expect(files.readText(`${folder}/latin1`)).rejects.toThrow(/latin1.*not UTF-8/);
  });

  it('lets one holder lock, and the next one after the release', async () => {
    const first = await files.lock(`${folder}/run`);
    await expect(files.lock(`${folder}/run`)).rejects.toThrow(/locked by process \d+/);
    await first.release();
    const second = await files.lock(`${folder}/run`);
    await second.release();
    expect((await files.list(folder)).filter((name) => name.startsWith('run'))).toEqual([]);
  });
});

describe('a full disk in memory', () => {
  it('fails wherever a write meets it, keeps the old file and leaves no other', async () => {
    // An atomic write creates its file and fills it in two halves: the second one has the writes 3 to 5.
    for (const write of [3, 4, 5]) {
      const files = filesFullAt(write);
      await files.makeFolder('/run');
      await files.writeAtomic('/run/a', 'old');
      await expect(files.writeAtomic('/run/a', 'new')).rejects.toMatchObject({ fields: { errno: 'ENOSPC' } });
      expect(await files.readText('/run/a')).toBe('old');
      expect(await files.list('/run')).toEqual(['a']);
      await files.writeAtomic('/run/a', 'newer');
      expect(await files.readText('/run/a')).toBe('newer');
    }
  });
});
