// What Mneme asks of a file system. Knows nothing of Node; files.node.ts and files.web.ts implement it.

export interface FileInfo {
  readonly kind: 'file' | 'folder';
  /** Size in bytes; 0 for a folder. */
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** A file opened for reading at any position. */
export interface RandomAccessFile {
  readonly bytes: number;
  /** Fills `target` from `position`; returns how many bytes were read (fewer only at the end of the file). */
  read(target: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** A file being written that nobody sees under its name until `commit`. */
export interface AtomicWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Flushes to the disk and gives the file its name, replacing an older one in one step. */
  commit(): Promise<void>;
  /** Drops what was written. Safe after `commit`. */
  abandon(): Promise<void>;
}

/** An exclusive claim on a folder or file, gone with the process that holds it. */
export interface FileLock {
  release(): Promise<void>;
}

/**
 * File access. Every failure is a `StorageError` that names the path and says what to do; paths use `/`.
 * `writeAtomic` and `createAtomic` leave either the old file or the whole new one, whatever happens in between.
 */
export interface Files {
  readBytes(path: string): Promise<Uint8Array>;
  readText(path: string): Promise<string>;
  /** The bytes in order, in pieces of bounded size. */
  stream(path: string): AsyncIterable<Uint8Array>;
  open(path: string): Promise<RandomAccessFile>;
  writeAtomic(path: string, content: Uint8Array | string): Promise<void>;
  createAtomic(path: string): Promise<AtomicWriter>;
  /** Appends one piece of text with a single write. */
  append(path: string, text: string): Promise<void>;
  /** `undefined` when nothing is there. */
  info(path: string): Promise<FileInfo | undefined>;
  /** Where something really lies: without links and `..` on the way. */
  realPath(path: string): Promise<string>;
  /** Names in a folder, sorted. */
  list(path: string): Promise<readonly string[]>;
  /** Creates a folder and its parents; no error when it exists. */
  makeFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a whole folder; no error when nothing is there. */
  remove(path: string): Promise<void>;
  /** Cuts a file to its first `bytes` bytes. */
  truncate(path: string, bytes: number): Promise<void>;
  /** @throws {StorageError} when a living process holds the lock; a lock of a dead process is taken over */
  lock(path: string): Promise<FileLock>;
}

/** The name under which `name` is written until it is whole: hidden, in the same folder, never used twice. */
export function temporaryName(name: string): string {
  return `.${name}.${crypto.randomUUID().slice(0, 8)}.tmp`;
}

/** Whether a file is what a killed process left of an atomic write, and may be removed when nobody writes there. */
export function isTemporaryName(name: string): boolean {
  return /^\..+\.[0-9a-f]{8}\.tmp$/.test(name);
}

/** Clears a folder of what killed processes left of their atomic writes. Only for the holder of the folder's lock. */
export async function removeTemporaryFiles(files: Files, folder: string): Promise<void> {
  const left = (await files.list(folder)).filter(isTemporaryName);
  await Promise.all(left.map((name) => files.remove(`${folder}/${name}`)));
}
