// A folder of documents on the command line, brought into an archive. Knows nothing of what answers from it.
import type { Archive } from '../archive/index.js';
import type { ChatLanguage } from '../tasks/chat/message.js';
import type { Knowledge } from '../tasks/chat/knowledge/knowledge.js';
import { faint, note, progressLine } from './output.js';

/** What is done sooner than this shows no progress. */
const quietMs = 1000;

/** Brings the documents of a folder into the archive. */
export async function indexFolder(
  archive: Archive,
  folder: string,
  language: ChatLanguage,
): Promise<Knowledge> {
  const { containedFolder } = await import('../core/contained-files.node.js');
  const { indexKnowledge } = await import('../tasks/chat/knowledge/index-knowledge.js');
  const { chatWords } = await import('./chat/words.js');
  const start = performance.now();
  const onFile = (done: number, file: string): void => {
    if (performance.now() - start > quietMs) progressLine.update(() => `${done}  ${file}`);
  };
  const { user, report } = await indexKnowledge(archive, await containedFolder(folder), { onFile });
  progressLine.clear();
  const { files, added, unchanged, removed, skipped } = report;
  for (const { reason } of skipped) note(chatWords[language].skipped(reason));
  note(faint(chatWords[language].indexed(files, added, unchanged, removed)));
  return { user };
}
