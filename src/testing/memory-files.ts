// Files in memory, for tests: a fresh disk each time, able to run full. Knows nothing of Node.
import type { StorageError } from '../core/errors.js';
import type { LockHost } from '../core/file-lock.js';
import { claimLock } from '../core/file-lock.js';
import type { AtomicWriter, FileInfo, Files, RandomAccessFile } from '../core/files.js';
import { temporaryName } from '../core/files.js';
import { storageError, textOfFile } from '../core/storage-error.js';

export interface MemoryFilesOptions {
  /** Which write (counted from 1 over `writeAtomic`, `AtomicWriter.write` and `append`) finds the disk full. Later ones succeed. */
  readonly failOnWrite?: number;
}

function failure(errno: string, path: string): StorageError {
  return storageError('use', path, errno);
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0));
const withoutEndSlash = (path: string): string => path.replace(/\/+$/, '');

/** The entries of the disk: a folder is an entry without bytes. The root, named by the empty string, is always there. */
class Disk {
  readonly #entries = new Map<string, Uint8Array | 'folder'>([['', 'folder']]);
  #writes = 0;
  readonly #failOnWrite: number | undefined;

  constructor(failOnWrite: number | undefined) {
    this.#failOnWrite = failOnWrite;
  }

  get(path: string): Uint8Array | 'folder' | undefined {
    return this.#entries.get(withoutEndSlash(path));
  }

  file(path: string): Uint8Array {
    const entry = this.get(path);
    if (entry === undefined) throw failure('ENOENT', path);
    if (entry === 'folder') throw failure('EISDIR', path);
    return entry;
  }

  put(path: string, bytes: Uint8Array): void {
    if (this.get(parentOf(path)) !== 'folder') throw failure('ENOENT', path);
    if (this.get(path) === 'folder') throw failure('EISDIR', path);
    this.#entries.set(path, bytes);
  }

  /** @throws {StorageError} `ENOSPC` when this is the write that has to fail */
  countWrite(path: string): void {
    this.#writes++;
    if (this.#writes === this.#failOnWrite) throw failure('ENOSPC', path);
  }

  makeFolder(path: string): void {
    const whole = withoutEndSlash(path);
    if (whole !== '') this.makeFolder(parentOf(whole));
    this.#entries.set(whole, 'folder');
  }

  /** The paths at and under `path`. */
  under(path: string): string[] {
    const root = withoutEndSlash(path);
    return [...this.#entries.keys()].filter((key) => key === root || key.startsWith(`${root}/`));
  }

  remove(path: string): void {
    for (const key of this.under(path)) this.#entries.delete(key);
  }

  rename(from: string, to: string): void {
    if (this.get(from) === undefined) throw failure('ENOENT', from);
    for (const key of this.under(from)) {
      this.#entries.set(to + key.slice(from.length), this.get(key) ?? 'folder');
      this.#entries.delete(key);
    }
  }

  list(path: string): string[] {
    if (this.get(path) !== 'folder') throw failure('ENOENT', path);
    const root = `${withoutEndSlash(path)}/`;
    const names = this.under(path).map((key) => key.slice(root.length));
    return names.filter((name) => name !== '' && !name.includes('/')).sort();
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function writerOn(disk: Disk, path: string): AtomicWriter {
  const slash = path.lastIndexOf('/') + 1;
  const temporary = path.slice(0, slash) + temporaryName(path.slice(slash));
  disk.put(temporary, new Uint8Array());
  const abandon = async (): Promise<void> => disk.remove(temporary);
  /** A failed write leaves no temporary file behind. */
  const orAbandon = async (work: () => void): Promise<void> => {
    try {
      work();
    } catch (error) {
      disk.remove(temporary);
      throw error;
    }
  };
  return {
    abandon,
    write: (bytes) =>
      orAbandon(() => {
        disk.countWrite(path);
        disk.put(temporary, join([disk.file(temporary), bytes]));
      }),
    commit: () =>
      orAbandon(() => {
        disk.put(path, disk.file(temporary));
        disk.remove(temporary);
      }),
  };
}

function openOn(disk: Disk, path: string): RandomAccessFile {
  const content = disk.file(path);
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

function lockHostOn(disk: Disk): LockHost {
  return {
    owner: '1-1',
    isAlive: async () => false,
    createExclusive: async (path) => {
      if (disk.get(path) !== undefined) return false;
      disk.put(path, new Uint8Array());
      return true;
    },
    list: async (path) => disk.list(path),
    remove: async (path) => disk.remove(path),
    wait: async () => undefined,
  };
}

function infoOf(entry: Uint8Array | 'folder' | undefined): FileInfo | undefined {
  if (entry === undefined) return undefined;
  return entry === 'folder'
    ? { kind: 'folder', bytes: 0, modifiedMs: 0 }
    : { kind: 'file', bytes: entry.length, modifiedMs: 0 };
}

/** An empty disk in memory that behaves like the machine's. Paths start with `/`. */
export function memoryFiles(options: MemoryFilesOptions = {}): Files {
  const disk = new Disk(options.failOnWrite);
  const createAtomic = async (path: string): Promise<AtomicWriter> => writerOn(disk, path);
  return {
    createAtomic,
    readBytes: async (path) => disk.file(path).slice(),
    readText: async (path) => textOfFile(disk.file(path), path),
    stream: (path) => piecesOf(disk, path),
    open: async (path) => openOn(disk, path),
    writeAtomic: async (path, content) => {
      const writer = await createAtomic(path);
      await writer.write(typeof content === 'string' ? utf8(content) : content);
      await writer.commit();
    },
    append: async (path, text) => {
      disk.countWrite(path);
      const before = disk.get(path) === undefined ? new Uint8Array() : disk.file(path);
      disk.put(path, join([before, utf8(text)]));
    },
    info: async (path) => infoOf(disk.get(path)),
    list: async (path) => disk.list(path),
    makeFolder: async (path) => disk.makeFolder(path),
    rename: async (from, to) => disk.rename(from, to),
    remove: async (path) => disk.remove(path),
    truncate: async (path, bytes) => disk.put(path, disk.file(path).slice(0, bytes)),
    lock: (path) => claimLock(lockHostOn(disk), path),
  };
}

async function* piecesOf(disk: Disk, path: string): AsyncGenerator<Uint8Array> {
  const content = disk.file(path);
  // Small pieces, so that tests meet characters and lines cut in two.
  for (let at = 0; at < content.length; at += 7) yield content.slice(at, at + 7);
}
