// Fetches a sentence encoder from the Hugging Face hub, once, into a folder. Knows nothing of what the files hold.
import type { Files } from '../../core/files.js';
import { messageOf, StorageError } from '../../core/errors.js';
import { modelFiles } from './model-folder.js';

export interface HubOptions {
  readonly files: Files;
  /** Folder of all downloaded models; made when needed. */
  readonly cache: string;
  /** Branch, tag or commit. Default: `main`. */
  readonly revision?: string;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
  /** Of a private model. */
  readonly accessToken?: string;
  /** Called before each file that is fetched. */
  readonly onFile?: (name: string) => void;
}

/** Whether a name can be that of a model on the hub: `owner/name`. */
export function isHubName(name: string): boolean {
  return /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(name);
}

/**
 * The folder of a model, downloaded when it is not in the cache yet. A download that was cut off goes on with the file
 * at which it ended.
 *
 * @example
 * const folder = await fetchModel('sentence-transformers/all-MiniLM-L6-v2', { files, cache: '.cache/models' });
 *
 * @throws {StorageError} when there is no such model, it lacks a file, or the hub cannot be reached
 */
export async function fetchModel(name: string, options: HubOptions): Promise<string> {
  const { files, cache, revision = 'main' } = options;
  const folder = `${cache}/${[name, revision].join('@').replaceAll('/', '--')}`;
  const { optional, required } = modelFiles;
  const whole = required.at(-1) ?? '';
  if ((await files.info(`${folder}/${whole}`)) !== undefined) return folder;
  for (const path of [...optional, ...required]) {
    if ((await files.info(`${folder}/${path}`)) !== undefined) continue;
    options.onFile?.(path);
    const blob = await download(name, path, options);
    if (blob !== null) await save(files, `${folder}/${path}`, blob);
    else if (required.some((needed) => needed === path)) throw failure(name, `it has no ${path}`);
  }
  return folder;
}

/** `null` when the model has no such file. */
async function download(name: string, path: string, options: HubOptions): Promise<Blob | null> {
  const { revision, fetch, accessToken } = options;
  const { downloadFile } = await import('@huggingface/hub');
  try {
    return await downloadFile({
      repo: name,
      path,
      ...(revision !== undefined && { revision }),
      ...(fetch !== undefined && { fetch }),
      ...(accessToken !== undefined && { accessToken }),
    });
  } catch (cause) {
    throw failure(name, `${path}: ${messageOf(cause)}`, cause);
  }
}

/** Writes a file as it arrives; it has its name only when it is whole. */
async function save(files: Files, path: string, blob: Blob): Promise<void> {
  await files.makeFolder(path.slice(0, path.lastIndexOf('/')));
  const writer = await files.createAtomic(path);
  try {
    const reader = blob.stream().getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read())
      await writer.write(piece.value);
    await writer.commit();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

function failure(name: string, reason: string, cause?: unknown): StorageError {
  return new StorageError(
    `The model "${name}" cannot be fetched from the Hugging Face hub: ${reason}. Check its name and the network, or give a folder that holds its files.`,
    { fields: { model: name }, cause },
  );
}
