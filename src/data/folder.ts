// A folder of text files, one document each. Knows nothing of what is in them.
import { DataError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import type { TextSource } from './source.js';
import { textFile } from './text-file.js';

/** Which files of a folder are text, unless named otherwise. */
export const textExtensions: readonly string[] = ['.txt', '.md'];

interface FoundFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * The text files in a folder and the folders below, in order of their names. Hidden and empty files are passed over.
 *
 * @throws {DataError} from `pieces` and `totalBytes` when no file has one of the extensions
 */
export function folder(files: Files, path: string, extensions = textExtensions): TextSource {
  return {
    name: path,
    totalBytes: async () =>
      (await findTexts(files, path, extensions)).reduce((sum, file) => sum + file.bytes, 0),
    async *pieces() {
      let before = 0;
      for (const file of await findTexts(files, path, extensions)) {
        for await (const piece of textFile(files, file.path).pieces()) {
          yield { ...piece, bytesRead: before + piece.bytesRead };
        }
        before += file.bytes;
      }
    },
  };
}

async function findTexts(files: Files, path: string, extensions: readonly string[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for await (const file of walk(files, path)) {
    if (file.bytes > 0 && extensions.some((extension) => file.path.endsWith(extension))) found.push(file);
  }
  if (found.length > 0) return found;
  throw new DataError(
    `The folder "${path}" holds no text: no file in it or below ends in ${extensions.join(' or ')} and is not empty. Name the extensions of its text files, or give one file.`,
    { fields: { path, extensions } },
  );
}

async function* walk(files: Files, path: string): AsyncGenerator<FoundFile> {
  for (const name of await files.list(path)) {
    if (name.startsWith('.')) continue;
    const inside = `${path.replace(/\/$/, '')}/${name}`;
    const info = await files.info(inside);
    if (info?.kind === 'folder') yield* walk(files, inside);
    else if (info !== undefined) yield { path: inside, bytes: info.bytes };
  }
}
