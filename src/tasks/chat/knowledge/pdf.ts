// The text of a PDF, page by page. Knows nothing of pictures: a scan has no text.
import type { Section } from './section.js';

/** Loads the reader of PDF only when there is one to read. @throws when it is damaged or locked */
export async function pdfSections(bytes: Uint8Array): Promise<readonly Section[]> {
  const { extractText, getDocumentProxy } = await import('unpdf');
  const document = await getDocumentProxy(bytes, { verbosity: 0 });
  try {
    const { text } = await extractText(document, { mergePages: false });
    return text.flatMap((page, i) =>
      page.trim() === '' ? [] : [{ place: `p. ${i + 1}`, text: page.trim() }],
    );
  } finally {
    await document.destroy();
  }
}
