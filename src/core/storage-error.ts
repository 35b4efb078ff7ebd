// What goes wrong with files, in words. Knows the error numbers of POSIX, and nothing of who raised them.
import type { MnemeErrorOptions } from './errors.js';
import { StorageError } from './errors.js';

const explanations: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder. Check the path, or create the folder first.',
  EACCES: 'permission denied. Check who owns it and who may write there, or choose another path.',
  EPERM: 'the operation is not permitted. Check who owns it and who may write there, or choose another path.',
  EROFS: 'the file system is read-only. Choose a path on a writable disk.',
  ENOSPC: 'no space is left on the disk. Free some space and try again.',
  EDQUOT: 'the disk quota is used up. Free some space and try again.',
  EFBIG: 'the file would exceed the largest size allowed. Raise the limit or choose another disk.',
  EISDIR: 'it is a folder, and a file was expected. Give the path of a file.',
  ENOTDIR: 'part of the path is a file, and a folder was expected. Check the path.',
  EEXIST: 'something of that name exists already. Remove it or choose another path.',
  ENOTEMPTY: 'the folder is not empty. Remove it or choose another path.',
  ENAMETOOLONG: 'the name is too long. Choose a shorter path.',
  EMFILE: 'too many files are open. Raise the limit of open files (ulimit -n).',
  EIO: 'the disk reported an input/output error. Check the disk.',
};

/** `Cannot <action> "<path>": ...` for an error number such as `ENOSPC`; `reason` stands in where the number is not known. */
export function storageError(
  action: string,
  path: string,
  errno: string | undefined,
  reason = 'the system gave no reason.',
  cause?: unknown,
): StorageError {
  const known = errno === undefined ? undefined : explanations[errno];
  const text = known === undefined ? reason : `${known} (${errno})`;
  const options: MnemeErrorOptions = { fields: { path, errno }, cause };
  return new StorageError(`Cannot ${action} "${path}": ${text}`, options);
}

/** The text of a file's bytes, without a byte order mark. @throws {StorageError} when they are not UTF-8 */
export function textOfFile(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw storageError('read', path, undefined, 'it is not UTF-8 text. Save it as UTF-8.', cause);
  }
}
