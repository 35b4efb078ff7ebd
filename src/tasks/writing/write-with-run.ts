// What one-line functions that write have in common: a run that is read for one call, one text or many. Knows no particular task.
import type { RunOfTask, UseRunOptions } from '../tune/use-run.js';
import type { TextOrInContext } from '../tune/text-in-context.js';
import type { WriteOptions } from './text-writer.js';
import { useRun } from '../tune/use-run.js';

export interface WriteWithRunOptions extends WriteOptions, UseRunOptions {}

/** Something that writes a text for each text. */
interface Writer {
  write(
    texts: readonly TextOrInContext[],
    options: WriteOptions,
  ): Promise<readonly { readonly text: string }[]>;
  dispose(): Promise<void>;
}

/** A text for a text, or texts for texts. @throws {CheckpointError} when there is no such run, with the command that makes one */
export async function writeWithRun(
  run: RunOfTask<Writer>,
  given: TextOrInContext | readonly TextOrInContext[],
  { checkpoint, files, runtime, ...options }: WriteWithRunOptions,
): Promise<string | readonly string[]> {
  const texts = isList(given) ? given : [given];
  const written = await useRun(run, { checkpoint, files, runtime }, (writer) => writer.write(texts, options));
  return isList(given) ? written.map(({ text }) => text) : (written[0]?.text ?? '');
}

/** As Array.isArray, for lists that are not changed. */
function isList(given: TextOrInContext | readonly TextOrInContext[]): given is readonly TextOrInContext[] {
  return Array.isArray(given);
}
