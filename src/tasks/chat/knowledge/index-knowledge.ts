// Brings a folder's documents into the archive: what is new is added, what is gone is forgotten, the rest is left as it is.
import type { Archive } from '../../../archive/index.js';
import { throwIfAborted } from '../../../core/abort.js';
import { DataError, messageOf, MnemeError } from '../../../core/errors.js';
import { hexOf } from '../../../data/fingerprint.js';
import { isReadable, readDocument } from './read-document.js';
import { titleOf } from './title.js';

export interface KnowledgeFile {
  /** Within its folder, with `/`. */
  readonly path: string;
  read(maxBytes: number): Promise<Uint8Array>;
}

/** Where documents come from; `containedFolder` of `core` is one. */
export interface KnowledgeSource {
  /** What tells it from others, such as the real path of the folder. */
  readonly root: string;
  files(): AsyncIterable<KnowledgeFile>;
}

export interface KnowledgeReport {
  readonly files: number;
  /** Sections added, left as they were, and forgotten. */
  readonly added: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Files that could not be read, and why. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

export interface IndexKnowledgeOptions {
  readonly signal?: AbortSignal;
  /** Called with the number of files done. */
  readonly onFile?: (done: number, file: string) => void;
}

const largestFile = 20_000_000;

/** The user of the archive under whom the documents of a source lie. */
export async function knowledgeUser(root: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(root)));
  const name = (root.split('/').at(-1) ?? '').replace(/[\p{Cc}\p{Cs}]/gu, ' ').slice(0, 60);
  return `documents: ${name.replace(/[\uD800-\uDBFF]$/u, '')} ${hexOf(digest.subarray(0, 6))}`;
}

/**
 * Indexes documents under a user of their own. Sections are known by file, heading and text: only what changed is written.
 *
 * @returns the user, for `Knowledge`, and what was done
 * @throws {DataError} when no file can be read
 * @throws {AbortedError} when the signal fires; what was added stays, and nothing is forgotten
 */
export async function indexKnowledge(
  archive: Archive,
  source: KnowledgeSource,
  options: IndexKnowledgeOptions = {},
): Promise<{ readonly user: string; readonly report: KnowledgeReport }> {
  const user = await knowledgeUser(source.root);
  const held = new Set<number>();
  const skipped: { file: string; reason: string }[] = [];
  let [files, added, unchanged] = [0, 0, 0];
  for await (const file of source.files()) {
    if (!isReadable(file.path)) continue;
    throwIfAborted(options.signal);
    try {
      for (const { place, text } of await readDocument(file.path, await file.read(largestFile))) {
        const { status, document } = await archive.addDocument({
          title: titleOf(file.path, place),
          text,
          user,
        });
        held.add(document);
        if (status === 'stored') added++;
        else unchanged++;
      }
      files++;
    } catch (error) {
      if (!(error instanceof MnemeError)) throw error;
      if (error.code !== 'data' && !isAboutFile(error)) throw error;
      skipped.push({ file: file.path, reason: messageOf(error) });
    }
    options.onFile?.(files, file.path);
  }
  const removed = await forgetOthers(archive, user, held);
  if (files === 0)
    throw new DataError(
      `"${source.root}" has no document that can be read: Markdown, text, HTML or PDF.${skipped.map(({ reason }) => ` ${reason}`).join('')}`,
      { fields: { path: source.root, skipped } },
    );
  return { user, report: { files, added, unchanged, removed, skipped } };
}

/** A file that cannot be read is passed over; an archive that is down is not. */
const isAboutFile = ({ code, fields }: MnemeError): boolean =>
  code === 'storage' && fields['path'] !== undefined;

async function forgetOthers(archive: Archive, user: string, held: ReadonlySet<number>): Promise<number> {
  if (!(await archive.knows(user))) return 0;
  const gone = (await archive.documents(user)).filter(({ document }) => !held.has(document));
  for (const { document } of gone) await archive.forget({ document, user });
  return gone.length;
}
