// Uses a trained translator on texts of any length. Knows nothing of training or of terminals.
import type { SavedTask } from '../tune/load.js';
import type { Surroundings } from '../surroundings.js';
import type { TextOrInContext } from '../tune/text-in-context.js';
import type { OpenWriting } from '../writing/open-writing.js';
import type { TextWriter, WriteOptions } from '../writing/text-writer.js';
import type { WriteWithRunOptions } from '../writing/write-with-run.js';
import { inContext } from '../tune/text-in-context.js';
import { writeWithRun } from '../writing/write-with-run.js';
import { segmentsOf } from './segments.js';

/** A translation of a text, put together from those of its segments. */
export interface Translation {
  readonly text: string;
  /** What was translated piece by piece: lines, or sentences of lines that were too long. */
  readonly segments: readonly TranslatedSegment[];
}

export interface TranslatedSegment {
  /** Where its source stands, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly logProbability: number;
  /** `length`: the translation was cut off. */
  readonly finish: 'end' | 'length';
}

/** A trained translator that is ready for texts. `dispose` releases what it holds on the device. */
export class Translator {
  private readonly writer: TextWriter;
  private readonly usualLength: number;

  private constructor(writer: TextWriter, usualLength: number) {
    this.writer = writer;
    this.usualLength = usualLength;
  }

  /** @param saved of the task translate */
  static async open(
    { opened, parameters }: SavedTask,
    { runtime }: Pick<Surroundings, 'runtime'>,
  ): Promise<Translator> {
    const writing = opened as OpenWriting;
    return new Translator(await writing.writer(parameters, runtime), writing.details.lengths.longestSource);
  }

  /**
   * Lines that are as long as those that were learned from are translated whole, longer ones sentence by sentence. White
   * space between them, and so lines and paragraphs, stay as they are. All of a text have the same context.
   * @throws {ConfigError} when an option has an impossible value
   * @throws {AbortedError} when the signal fires
   */
  async write(given: readonly TextOrInContext[], options: WriteOptions = {}): Promise<Translation[]> {
    const texts = given.map(inContext);
    const { encoder } = this.writer;
    const segments = texts.map(({ text }) => segmentsOf(text, encoder, this.usualLength));
    const sources = texts.flatMap(({ text, context }, i) =>
      (segments[i] ?? []).map(({ start, end }) => ({ text: text.slice(start, end), context })),
    );
    const written = await this.writer.write(sources, options);
    let next = 0;
    return texts.map(({ text: source }, i) => {
      const own = (segments[i] ?? []).map(({ start, end }): TranslatedSegment => {
        const { text = '', logProbability = 0, finish = 'end' } = written[next++] ?? {};
        return { start, end, text, logProbability, finish };
      });
      return { text: joined(source, own), segments: own };
    });
  }

  dispose(): Promise<void> {
    return this.writer.dispose();
  }
}

/** The source with each segment replaced by its translation. */
function joined(source: string, segments: readonly TranslatedSegment[]): string {
  let [text, at] = ['', 0];
  for (const { start, end, text: translated } of segments) {
    text += source.slice(at, start) + translated;
    at = end;
  }
  return text + source.slice(at);
}

/**
 * The translation of a text. For many texts give them at once: the run is read anew with each call.
 *
 * @param run the folder of a run of the task translate
 * @throws {CheckpointError} when there is no such run, with the command that makes one
 *
 * @example
 * const german = await translate('runs/en-de', 'a man rides a horse .');
 */
export async function translate(
  run: string,
  text: TextOrInContext,
  options?: WriteWithRunOptions,
): Promise<string>;
export async function translate(
  run: string,
  texts: readonly TextOrInContext[],
  options?: WriteWithRunOptions,
): Promise<readonly string[]>;
export async function translate(
  run: string,
  given: TextOrInContext | readonly TextOrInContext[],
  options: WriteWithRunOptions = {},
): Promise<string | readonly string[]> {
  return writeWithRun(
    { run, task: 'translate', open: (saved, own) => Translator.open(saved, own) },
    given,
    options,
  );
}
