// File access in Node. Knows nothing of what the files hold.
import type { FileHandle } from 'node:fs/promises';
import {
  appendFile,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  truncate,
} from 'node:fs/promises';
import { basename, dirname, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, StorageError } from './errors.js';
import type { LockHost } from './file-lock.js';
import { claimLock } from './file-lock.js';
import type { AtomicWriter, Files, RandomAccessFile } from './files.js';
import { temporaryName } from './files.js';
import { storageError, textOfFile } from './storage-error.js';

const pieceBytes = 1 << 16;
/** One system call moves less than 2 GiB. */
const callBytes = 1 << 30;

function errnoOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}

function wrapped(action: string, path: string, cause: unknown): StorageError {
  return cause instanceof StorageError
    ? cause
    : storageError(action, path, errnoOf(cause), messageOf(cause), cause);
}

/** Runs `work`; whatever it throws becomes a `StorageError` about `path`. */
async function guarded<T>(action: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wrapped(action, path, error);
  }
}

async function openToRead(path: string): Promise<RandomAccessFile> {
  const handle = await guarded('read', path, () => open(path, 'r'));
  const status = await guarded('read', path, () => handle.stat());
  if (status.isDirectory()) {
    await handle.close();
    throw storageError('read', path, 'EISDIR');
  }
  return {
    bytes: status.size,
    read: (target, position) => guarded('read', path, () => readFully(handle, target, position)),
    close: () => guarded('close', path, () => handle.close()),
  };
}

async function readFully(handle: FileHandle, target: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(target.length - done, callBytes);
    const { bytesRead } = await handle.read(target, done, length, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, Math.min(bytes.length - done, callBytes));
    done += bytesWritten;
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  const file = await openToRead(path);
  try {
    const bytes = new Uint8Array(file.bytes);
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.close();
  }
}

async function* stream(path: string): AsyncGenerator<Uint8Array> {
  const handle = await guarded('read', path, () => open(path, 'r'));
  try {
    for (;;) {
      const piece = new Uint8Array(pieceBytes);
      const { bytesRead } = await guarded('read', path, () => handle.read(piece, 0, pieceBytes));
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function createAtomic(path: string): Promise<AtomicWriter> {
  const temporary = `${dirname(path)}/${temporaryName(basename(path))}`;
  const handle = await guarded('write', path, () => open(temporary, 'wx'));
  let finished = false;
  const abandon = async (): Promise<void> => {
    if (finished) return;
    finished = true;
    await handle.close();
    await rm(temporary, { force: true });
  };
  /** A failed write leaves no temporary file behind. */
  const orAbandon = (work: () => Promise<void>): Promise<void> =>
    guarded('write', path, () =>
      work().catch((error: unknown) => abandon().then(() => Promise.reject(error))),
    );
  return {
    abandon: () => guarded('write', path, abandon),
    write: (bytes) => orAbandon(() => writeFully(handle, bytes)),
    commit: () =>
      orAbandon(async () => {
        await handle.sync();
        await rename(temporary, path);
        finished = true;
        await handle.close();
        await syncFolder(dirname(path));
      }),
  };
}

/** Makes a rename in a folder durable. Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

async function writeAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const writer = await createAtomic(path);
  await writer.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
  await writer.commit();
}

async function info(path: string): ReturnType<Files['info']> {
  try {
    const status = await stat(path);
    const folder = status.isDirectory();
    return { kind: folder ? 'folder' : 'file', bytes: folder ? 0 : status.size, modifiedMs: status.mtimeMs };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
    throw wrapped('read', path, error);
  }
}

/** State letter and start time (clock ticks since boot) of a process, where the system has `/proc`. Source: proc(5), `stat`. */
async function processStatus(pid: number): Promise<{ state: string; start: string } | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  return state === undefined || start === undefined ? undefined : { state, start };
}

async function isAlive(owner: string): Promise<boolean> {
  const [pid, start] = owner.split('-');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
  }
  const status = await processStatus(Number(pid));
  if (status === undefined) return true;
  return status.state !== 'Z' && status.state !== 'X' && status.start === start;
}

async function lockHost(): Promise<LockHost> {
  const status = await processStatus(process.pid);
  return {
    owner: `${process.pid}-${status?.start ?? 0}`,
    isAlive,
    createExclusive,
    list: nodeFiles.list,
    remove: nodeFiles.remove,
    wait: (milliseconds) => sleep(milliseconds),
  };
}

async function createExclusive(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx');
    await handle.close();
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw wrapped('lock', path, error);
  }
}

/**
 * The files of this machine. A lock holds among the processes of one machine, not across machines that share a disk
 * nor across containers that do not see each other's processes.
 */
export const nodeFiles: Files = {
  readBytes,
  readText: async (path) => textOfFile(await readBytes(path), path),
  stream,
  open: openToRead,
  writeAtomic,
  createAtomic,
  info,
  realPath: (path) => guarded('find', path, async () => (await realpath(path)).replaceAll(sep, '/')),
  append: (path, text) => guarded('append to', path, () => appendFile(path, text)),
  list: (path) => guarded('list', path, async () => (await readdir(path)).sort()),
  makeFolder: (path) =>
    guarded('create the folder', path, async () => void (await mkdir(path, { recursive: true }))),
  rename: (from, to) => guarded(`rename "${from}" to`, to, () => renameDurably(from, to)),
  remove: (path) => guarded('remove', path, () => rm(path, { recursive: true, force: true })),
  truncate: (path, bytes) => guarded('truncate', path, () => truncate(path, bytes)),
  lock: async (path) => claimLock(await lockHost(), path),
};

export { nodeFiles as files };
