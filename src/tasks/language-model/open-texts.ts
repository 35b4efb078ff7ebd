// The texts that a run learns from: where they are, and how they are opened. Knows nothing of what is learned.
import type { Files } from '../../core/files.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { PreparationEvent, Texts } from './prepare-data.js';
import { DataError } from '../../core/errors.js';
import { removeTemporaryFiles } from '../../core/files.js';
import { openSource, spool } from '../../data/index.js';

/** Which text to learn from. */
export interface DataChoice {
  /** A file, a folder, a `.jsonl` file, or `-` for standard input. */
  readonly path: string;
  /** The field of JSONL records that holds the text. */
  readonly field?: string | undefined;
  /** A text that validates, instead of the last part of the other. */
  readonly validation?: string | undefined;
}

/** @typeParam Event what training tells about itself */
export interface TextJob<Event> {
  readonly files: Files;
  readonly runtime: Runtime;
  /** The run's folder. */
  readonly folder: string;
  /** What `-` stands for. */
  readonly standardInput?: AsyncIterable<Uint8Array> | undefined;
  /** Ends training after the current step, with a checkpoint; before training begins, at once and without a run. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: Event | PreparationEvent) => void) | undefined;
}

/** Opens the texts of a run that is about to begin, for as long as `work` takes. */
export async function withTexts<T>(
  job: Pick<TextJob<never>, 'files' | 'folder' | 'standardInput'>,
  data: DataChoice,
  work: (texts: Texts) => Promise<T>,
): Promise<T> {
  const { files, folder } = job;
  const spooled = `${folder}/standard-input.txt`;
  try {
    await removeTemporaryFiles(files, folder);
    return await work(await openTexts(job, data, spooled));
  } finally {
    await files.remove(spooled);
  }
}

/** Standard input is read twice, for the tokenizer and for the tokens, so it is kept in a file meanwhile. */
async function openTexts(
  { files, standardInput }: Pick<TextJob<never>, 'files' | 'standardInput'>,
  data: DataChoice,
  spooled: string,
): Promise<Texts> {
  const options = data.field === undefined ? {} : { field: data.field };
  const validation =
    data.validation === undefined ? undefined : await openSource(files, data.validation, options);
  if (data.path !== '-') return { train: await openSource(files, data.path, options), validation };
  if (standardInput === undefined) throw new DataError('There is no standard input to read.');
  const train = await spool(files, spooled, standardInput);
  return { train: { ...train, name: 'standard input' }, validation };
}
