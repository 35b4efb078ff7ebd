// Files in memory, for tests: processes on it can be killed and the disk can fail at any change. Knows nothing of Node.
import { claimLock } from '../core/file-lock.js';
import type { AtomicWriter, FileInfo, FileLock, Files, RandomAccessFile } from '../core/files.js';
import { temporaryName } from '../core/files.js';
import { storageError, textOfFile } from '../core/storage-error.js';

/** What outlives a process. Contents are replaced, never changed, so that a file once opened keeps what it held. */
export class MemoryDisk {
  readonly contents: Map<string, Uint8Array>;
  /** The root, named by the empty string, is always there. */
  readonly folders: Set<string>;
  /** Processes that have used the disk, by the name under which they lock. */
  readonly processes = new Map<string, MemoryFiles>();

  constructor(from?: MemoryDisk) {
    this.contents = new Map(from?.contents);
    this.folders = new Set(from?.folders ?? ['']);
  }
}

/** Called before each smallest change of the disk; what it throws happens instead of the change. */
export type BeforeChange = (change: string) => void;

/**
 * The files of one process; paths start with `/` or at the root. Changes that a crash can cut in two (writing, removing a
 * folder) are made in two or more.
 */
export class MemoryFiles implements Files {
  readonly disk: MemoryDisk;
  isDead = false;
  private readonly beforeChange: BeforeChange;
  private readonly owner: string;

  constructor(disk = new MemoryDisk(), beforeChange: BeforeChange = () => undefined) {
    this.disk = disk;
    this.beforeChange = beforeChange;
    this.owner = `${disk.processes.size + 1}-1`;
    disk.processes.set(this.owner, this);
  }

  async readBytes(path: string): Promise<Uint8Array> {
    return this.contentOf(path).slice();
  }

  async readText(path: string): Promise<string> {
    return textOfFile(this.contentOf(path), path);
  }

  async *stream(path: string): AsyncGenerator<Uint8Array> {
    const content = this.contentOf(path);
    // Small pieces, so that tests meet characters and lines cut in two.
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
    const abandon = async (): Promise<void> => {
      if (this.disk.contents.has(temporary)) this.drop(temporary);
    };
    /** A failed write leaves no temporary file behind. */
    const orAbandon = async (work: () => void): Promise<void> => {
      try {
        work();
      } catch (error) {
        await abandon();
        throw error;
      }
    };
    return {
      abandon,
      write: (bytes) => orAbandon(() => this.extend(temporary, bytes)),
      commit: () => orAbandon(() => this.move(temporary, path)),
    };
  }

  async append(path: string, text: string): Promise<void> {
    this.requireNoFolder(path);
    this.extend(path, new TextEncoder().encode(text));
  }

  async info(path: string): Promise<FileInfo | undefined> {
    const content = this.disk.contents.get(path);
    if (content !== undefined) return { kind: 'file', bytes: content.length, modifiedMs: 0 };
    return this.isFolder(path) ? { kind: 'folder', bytes: 0, modifiedMs: 0 } : undefined;
  }

  /** There are no links. */
  async realPath(path: string): Promise<string> {
    if ((await this.info(path)) === undefined) throw storageError('find', path, 'ENOENT');
    return path;
  }

  async list(path: string): Promise<readonly string[]> {
    if (!this.isFolder(path)) throw storageError('read', path, 'ENOENT');
    const start = `${withoutEndSlash(path)}/`.length;
    const names = this.under(path).map((name) => name.slice(start));
    return names.filter((name) => name !== '' && !name.includes('/')).sort();
  }

  async makeFolder(path: string): Promise<void> {
    const steps = withoutEndSlash(path)
      .split('/')
      .map((_, i, names) => names.slice(0, i + 1).join('/'));
    for (const folder of steps) {
      if (this.disk.folders.has(folder)) continue;
      this.beforeChange(`make the folder ${folder}`);
      this.disk.folders.add(folder);
    }
  }

  async rename(from: string, to: string): Promise<void> {
    if (this.disk.contents.has(from)) return this.move(from, to);
    if (!this.isFolder(from)) throw storageError('rename', from, 'ENOENT');
    this.beforeChange(`rename ${from} to ${to}`);
    for (const name of this.under(from)) {
      const content = this.disk.contents.get(name);
      if (content === undefined) this.disk.folders.add(to + name.slice(from.length));
      else this.disk.contents.set(to + name.slice(from.length), content);
      this.disk.folders.delete(name);
      this.disk.contents.delete(name);
    }
  }

  async remove(path: string): Promise<void> {
    // What lies deepest goes first.
    for (const name of this.under(path).sort().reverse()) this.drop(name);
  }

  async truncate(path: string, bytes: number): Promise<void> {
    this.put(path, this.contentOf(path).slice(0, bytes));
  }

  lock(path: string): Promise<FileLock> {
    return claimLock(
      {
        owner: this.owner,
        isAlive: async (owner) => this.disk.processes.get(owner)?.isDead === false,
        createExclusive: async (claim) => {
          if (this.disk.contents.has(claim)) return false;
          this.put(claim, new Uint8Array(0));
          return true;
        },
        list: (folder) => this.list(folder),
        remove: (claim) => this.remove(claim),
        wait: async () => undefined,
      },
      path,
    );
  }

  private isFolder(path: string): boolean {
    return this.disk.folders.has(withoutEndSlash(path));
  }

  /** The names at and under `path`. */
  private under(path: string): string[] {
    const root = withoutEndSlash(path);
    const all = [...this.disk.contents.keys(), ...this.disk.folders];
    return all.filter((name) => name === root || name.startsWith(`${root}/`));
  }

  private contentOf(path: string): Uint8Array {
    this.requireNoFolder(path);
    const content = this.disk.contents.get(path);
    if (content === undefined) throw storageError('read', path, 'ENOENT');
    return content;
  }

  private put(path: string, content: Uint8Array): void {
    this.requireFolderOf(path);
    this.beforeChange(`write ${path}`);
    this.disk.contents.set(path, content);
  }

  /** Adds to a file in two halves. */
  private extend(path: string, bytes: Uint8Array): void {
    const half = bytes.length >> 1;
    for (const piece of [bytes.slice(0, half), bytes.slice(half)])
      this.put(path, joined(this.disk.contents.get(path) ?? new Uint8Array(0), piece));
  }

  private drop(name: string): void {
    this.beforeChange(this.disk.folders.has(name) ? `remove the folder ${name}` : `remove ${name}`);
    this.disk.folders.delete(name);
    this.disk.contents.delete(name);
  }

  private move(from: string, to: string): void {
    const content = this.contentOf(from);
    this.requireNoFolder(to);
    this.requireFolderOf(to);
    this.beforeChange(`rename ${from} to ${to}`);
    this.disk.contents.set(to, content);
    this.disk.contents.delete(from);
  }

  private requireFolderOf(path: string): void {
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
    if (!this.disk.folders.has(folder)) throw storageError('write', path, 'ENOENT');
  }

  private requireNoFolder(path: string): void {
    if (this.isFolder(path)) throw storageError('use', path, 'EISDIR');
  }
}

/** A process on an empty disk. */
export function memoryFiles(): MemoryFiles {
  return new MemoryFiles();
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

/** A process on an empty disk that has no space left for its `write`-th smallest write, from 0; later ones succeed. */
export function filesFullAt(write: number): MemoryFiles {
  let writes = 0;
  return new MemoryFiles(new MemoryDisk(), (change) => {
    if (change.startsWith('write ') && writes++ === write)
      throw storageError('write', change.slice('write '.length), 'ENOSPC');
  });
}

const withoutEndSlash = (path: string): string => path.replace(/\/+$/, '');

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
