// Uses a trained summarizer on texts of any length, or chooses sentences without one. Knows nothing of training or of terminals.
import type { SavedTask } from '../tune/load.js';
import type { Surroundings } from '../surroundings.js';
import type { TextInContext, TextOrInContext } from '../tune/text-in-context.js';
import type { OpenWriting } from '../writing/open-writing.js';
import type { TextWriter, WriteOptions } from '../writing/text-writer.js';
import type { WriteWithRunOptions } from '../writing/write-with-run.js';
import { chunkText } from '../../text/index.js';
import { inContext } from '../tune/text-in-context.js';
import { writeWithRun } from '../writing/write-with-run.js';

/** A summary that was written. */
export interface WrittenSummary {
  readonly text: string;
  /** How often summaries were summarized: 1 for a text that the model reads at once. */
  readonly passes: number;
  /** Stretches of the text that were summarized by themselves, in UTF-16 units. */
  readonly chunks: readonly { readonly start: number; readonly end: number; readonly summary: string }[];
}

/** A trained summarizer that is ready for texts. `dispose` releases what it holds on the device. */
export class Summarizer {
  private readonly writer: TextWriter;

  private constructor(writer: TextWriter) {
    this.writer = writer;
  }

  /** @param saved of the task summarize */
  static async open(
    { opened, parameters }: SavedTask,
    { runtime }: Pick<Surroundings, 'runtime'>,
  ): Promise<Summarizer> {
    return new Summarizer(await (opened as OpenWriting).writer(parameters, runtime));
  }

  /**
   * A text that is longer than the model reads is cut into chunks of whole sentences. Each is summarized, and then what
   * they say together, all behind the same context; until one pass is enough, or makes nothing shorter.
   * @throws {ConfigError} when an option has an impossible value
   * @throws {AbortedError} when the signal fires
   */
  async write(given: readonly TextOrInContext[], options: WriteOptions = {}): Promise<WrittenSummary[]> {
    const texts = given.map(inContext);
    const chunks = texts.map((text) => this.chunksOf(text));
    const written = await this.writer.write(
      chunks.flatMap((own, i) => own.map(({ text }) => ({ text, context: texts[i]?.context ?? [] }))),
      options,
    );
    let next = 0;
    const firsts = chunks.map((own) =>
      own.map(({ start, end }) => ({ start, end, summary: written[next++]?.text ?? '' })),
    );
    const joined = firsts.map((own) => own.map(({ summary }) => summary).join('\n'));
    const isLong = joined.map(
      (text, i) => (firsts[i]?.length ?? 0) > 1 && text.length < (texts[i]?.text.length ?? 0),
    );
    const again = await this.againFor(
      joined.map((text, i) => ({ text, context: texts[i]?.context ?? [] })).filter((_, i) => isLong[i]),
      options,
    );
    let long = 0;
    return firsts.map((own, i): WrittenSummary => {
      const second = isLong[i] ? again[long++] : undefined;
      if (second === undefined)
        return { text: joined[i] ?? '', passes: Math.min(1, own.length), chunks: own };
      return { text: second.text, passes: second.passes + 1, chunks: own };
    });
  }

  dispose(): Promise<void> {
    return this.writer.dispose();
  }

  private async againFor(texts: readonly TextInContext[], options: WriteOptions): Promise<WrittenSummary[]> {
    return texts.length === 0 ? [] : this.write(texts, options);
  }

  /** All that there is for a text that fits, whatever becomes of its context; otherwise what a context leaves. */
  private roomFor(text: string, context: readonly string[]): number {
    const { encoder } = this.writer;
    const room = Math.max(1, encoder.longestSource - 1);
    return encoder.beginning(text).length <= room ? room : encoder.roomBeside(context);
  }

  private chunksOf({ text, context }: TextInContext) {
    if (text.trim() === '') return [];
    const { encoder } = this.writer;
    const tokenizer = { encode: (part: string) => Int32Array.from(encoder.beginning(part)) };
    return [...chunkText(text, tokenizer, { maxTokens: this.roomFor(text, context) })];
  }
}

/**
 * The summary of a text of any length. For many texts give them at once: the run is read anew with each call. Without a run
 * there is `extractiveSummary`.
 *
 * @param run the folder of a run of the task summarize
 * @throws {CheckpointError} when there is no such run, with the command that makes one
 *
 * @example
 * const summary = await summarize('runs/dialogues', dialogue);
 */
export async function summarize(
  run: string,
  text: TextOrInContext,
  options?: WriteWithRunOptions,
): Promise<string>;
export async function summarize(
  run: string,
  texts: readonly TextOrInContext[],
  options?: WriteWithRunOptions,
): Promise<readonly string[]>;
export async function summarize(
  run: string,
  given: TextOrInContext | readonly TextOrInContext[],
  options: WriteWithRunOptions = {},
): Promise<string | readonly string[]> {
  return writeWithRun(
    { run, task: 'summarize', open: (saved, own) => Summarizer.open(saved, own) },
    given,
    options,
  );
}
