// A file system in memory whose processes can be killed and whose disk can fail at any change. Knows nothing of what is stored.
import { StorageError } from '../../src/core/errors.js';
import type { AtomicWriter, FileInfo, FileLock, Files, RandomAccessFile } from '../../src/core/files.js';
import { temporaryName } from '../../src/core/files.js';

/** What outlives a process. Contents are replaced, never changed, so that a file once opened keeps what it held. */
export class MemoryDisk {
  readonly contents: Map<string, Uint8Array>;
  readonly folders: Set<string>;
  /** Which process holds which lock. */
  readonly locks = new Map<string, MemoryFiles>();

  constructor(from?: MemoryDisk) {
    this.contents = new Map(from?.contents);
    this.folders = new Set(from?.folders);
  }
}

/** Called before each smallest change of the disk; what it throws happens instead of the change. */
export type BeforeChange = (change: string) => void;

/** The files of one process. Changes that a crash can cut in two (append, removing a folder) are made in two or more. */
export class MemoryFiles implements Files {
  readonly disk: MemoryDisk;
  isDead = false;
  private readonly beforeChange: BeforeChange;

  constructor(disk: MemoryDisk, beforeChange: BeforeChange = () => undefined) {
    this.disk = disk;
    this.beforeChange = beforeChange;
  }

  async readBytes(path: string): Promise<Uint8Array> {
    return this.contentOf(path).slice();
  }

  async readText(path: string): Promise<string> {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.contentOf(path));
  }

  async *stream(path: string): AsyncGenerator<Uint8Array> {
    const content = this.contentOf(path);
    for (let at = 0; at < content.length; at += 7) yield content.slice(at, at + 7);
  }

  async open(path: string): Promise<RandomAccessFile> {
    const content = this.contentOf(path);
    return {
      bytes: content.length,
      read: async (target, position) => {
        const piece = content.subarray(position, position + target.length);
        target.set(piece);
        return piece.length;
      },
      close: async () => undefined,
    };
  }

  async writeAtomic(path: string, content: Uint8Array | string): Promise<void> {
    const writer = await this.createAtomic(path);
    await writer.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    await writer.commit();
  }

  async createAtomic(path: string): Promise<AtomicWriter> {
    const temporary = path.replace(/[^/]*$/, temporaryName);
    this.put(temporary, new Uint8Array(0));
    return {
      write: async (bytes) => {
        this.put(temporary, joined(this.contentOf(temporary), bytes.slice(0, bytes.length / 2)));
        this.put(temporary, joined(this.contentOf(temporary), bytes.slice(bytes.length / 2)));
      },
      commit: async () => {
        this.move(temporary, path);
      },
      abandon: async () => {
        if (this.disk.contents.has(temporary)) this.drop(temporary);
      },
    };
  }

  async append(path: string, text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    const half = bytes.length >> 1;
    for (const piece of [bytes.slice(0, half), bytes.slice(half)]) {
      this.put(path, joined(this.disk.contents.get(path) ?? new Uint8Array(0), piece));
    }
  }

  async info(path: string): Promise<FileInfo | undefined> {
    const content = this.disk.contents.get(path);
    if (content) return { kind: 'file', bytes: content.length, modifiedMs: 0 };
    return this.disk.folders.has(path) ? { kind: 'folder', bytes: 0, modifiedMs: 0 } : undefined;
  }

  async list(path: string): Promise<readonly string[]> {
    if (!this.disk.folders.has(path)) throw missing(path);
    const all = [...this.disk.contents.keys(), ...this.disk.folders];
    const below = all
      .filter((name) => name.startsWith(`${path}/`))
      .map((name) => name.slice(path.length + 1));
    return below.filter((name) => !name.includes('/')).sort();
  }

  async makeFolder(path: string): Promise<void> {
    const steps = path.split('/').map((_, i, names) => names.slice(0, i + 1).join('/'));
    for (const folder of steps) {
      if (this.disk.folders.has(folder)) continue;
      this.beforeChange(`make the folder ${folder}`);
      this.disk.folders.add(folder);
    }
  }

  async rename(from: string, to: string): Promise<void> {
    this.move(from, to);
  }

  async remove(path: string): Promise<void> {
    for (const name of this.disk.contents.keys()) {
      if (name === path || name.startsWith(`${path}/`)) this.drop(name);
    }
    for (const folder of [...this.disk.folders].sort().reverse()) {
      if (folder !== path && !folder.startsWith(`${path}/`)) continue;
      this.beforeChange(`remove the folder ${folder}`);
      this.disk.folders.delete(folder);
    }
  }

  async truncate(path: string, bytes: number): Promise<void> {
    this.put(path, this.contentOf(path).slice(0, bytes));
  }

  async lock(path: string): Promise<FileLock> {
    const holder = this.disk.locks.get(path);
    if (holder && !holder.isDead) throw new StorageError(`"${path}" is locked by another process.`);
    this.beforeChange(`lock ${path}`);
    this.disk.locks.set(path, this);
    return { release: async () => void this.disk.locks.delete(path) };
  }

  private contentOf(path: string): Uint8Array {
    const content = this.disk.contents.get(path);
    if (!content) throw missing(path);
    return content;
  }

  private put(path: string, content: Uint8Array): void {
    this.requireFolderOf(path);
    this.beforeChange(`write ${path}`);
    this.disk.contents.set(path, content);
  }

  private drop(path: string): void {
    this.beforeChange(`remove ${path}`);
    this.disk.contents.delete(path);
  }

  private move(from: string, to: string): void {
    const content = this.contentOf(from);
    this.requireFolderOf(to);
    this.beforeChange(`rename ${from} to ${to}`);
    this.disk.contents.set(to, content);
    this.disk.contents.delete(from);
  }

  private requireFolderOf(path: string): void {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (!this.disk.folders.has(folder)) throw missing(folder);
  }
}

/** A process that is killed just before its `change`-th change, from 0. `isDead` tells whether it came that far. */
export function filesKilledAt(disk: MemoryDisk, change: number): MemoryFiles {
  let changes = 0;
  const files = new MemoryFiles(disk, () => {
    if (changes++ >= change) {
      files.isDead = true;
      throw new Error('killed');
    }
  });
  return files;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function missing(path: string): StorageError {
  return new StorageError(`Cannot read "${path}": no such file or folder.`, { fields: { path } });
}
