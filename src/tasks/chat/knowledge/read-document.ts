// The sections of a file, by its format. Knows nothing of folders or of the archive.
import { DataError, messageOf } from '../../../core/errors.js';
import { detectEncoding } from '../../../data/encoding.js';
import { htmlSections } from './html.js';
import { markdownSections } from './markdown.js';
import { pdfSections } from './pdf.js';
import type { Section } from './section.js';

type Reader = (bytes: Uint8Array) => readonly Section[] | Promise<readonly Section[]>;

function textOf(bytes: Uint8Array): string {
  return new TextDecoder(detectEncoding(bytes), { fatal: true }).decode(bytes);
}

const readers: Readonly<Record<string, Reader>> = {
  md: (bytes) => markdownSections(textOf(bytes)),
  markdown: (bytes) => markdownSections(textOf(bytes)),
  txt: (bytes) => [{ place: '', text: textOf(bytes) }],
  text: (bytes) => [{ place: '', text: textOf(bytes) }],
  html: (bytes) => htmlSections(textOf(bytes)),
  htm: (bytes) => htmlSections(textOf(bytes)),
  pdf: pdfSections,
};

const readerOf = (path: string): Reader | undefined => {
  const ending = /\.(?<ending>[^./]+)$/u.exec(path)?.groups?.['ending']?.toLowerCase() ?? '';
  return Object.hasOwn(readers, ending) ? readers[ending] : undefined;
};

/** Whether a file of that name can be read: Markdown, text, HTML, PDF. */
export const isReadable = (path: string): boolean => readerOf(path) !== undefined;

/** What a database cannot hold. */
const storable = (text: string): string =>
  text
    .replaceAll('\0', '')
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .trim();

/** @throws {DataError} when the file is damaged or has no text */
export async function readDocument(path: string, bytes: Uint8Array): Promise<readonly Section[]> {
  let read: readonly Section[];
  try {
    read = (await readerOf(path)?.(bytes)) ?? [];
  } catch (cause) {
    throw new DataError(`"${path}" cannot be read: ${messageOf(cause)}`, { fields: { path }, cause });
  }
  const sections = read
    .map(({ place, text }) => ({ place, text: storable(text) }))
    .filter(({ text }) => text !== '');
  if (sections.length === 0)
    throw new DataError(`"${path}" has no text. A scan must be turned into text first.`, {
      fields: { path },
    });
  return sections;
}
