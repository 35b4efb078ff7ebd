// Questions with chunks of their contexts, as an encoder reads them, and the way back to the text. Knows no model.
import type { Chunk, Span, Tokenizer } from '../../text/index.js';
import type { RowBatch } from '../../data/index.js';
import type { TextInContext } from '../tune/text-in-context.js';
import type { QuestionedContexts } from '../../models/span-extractor.js';
import { ConfigError } from '../../core/errors.js';
import { TensorData } from '../../core/tensor-data.js';
import { padRows } from '../../data/index.js';
import { chunkText, encodeWithOffsets } from '../../text/index.js';
import { specialIds } from '../pretrain/objective.js';

export interface WindowOptions {
  readonly tokenizer: Tokenizer;
  /** Tokens of the longest sequence. */
  readonly maxLength: number;
  /** Tokens of a question that are read; a longer one loses its beginning. */
  readonly questionLength: number;
  /** Tokens that two neighbouring chunks share at most: an answer at the edge of one stands inside of the other. */
  readonly overlap: number;
}

/** `[CLS] question [SEP] chunk [SEP]`. */
export interface Window {
  readonly chunk: Chunk;
  readonly ids: Int32Array;
  /** Where the chunk begins among the ids. */
  readonly contextStart: number;
  /** Of the tokens of the chunk: positions in its text. */
  readonly spans: readonly Span[];
}

/** Cuts contexts for one tokenizer and one encoder. */
export class Windows {
  private readonly options: WindowOptions;
  private readonly marks: Readonly<Record<'[PAD]' | '[CLS]' | '[SEP]', number>>;

  /** @throws {ConfigError} when the tokenizer lacks a special token, or question and overlap leave no room for a context */
  constructor(options: WindowOptions) {
    const { maxLength, questionLength, overlap, tokenizer } = options;
    if (maxLength - questionLength - 3 <= overlap) {
      throw new ConfigError(
        `Sequences of ${maxLength} tokens have no room for questions of ${questionLength} and chunks that overlap by ${overlap}. Lower questionLength or overlap, or raise the encoder's maxLength.`,
        { fields: { maxLength, questionLength, overlap } },
      );
    }
    this.options = options;
    this.marks = specialIds(tokenizer, ['[PAD]', '[CLS]', '[SEP]']);
  }

  /**
   * The sequences for a question: one, or several when the context is long. At least one.
   * @param question with what stands in front of it, such as earlier questions, parted by `[SEP]`: when it is long, that is cut first
   */
  of(question: TextInContext, context: string): readonly Window[] {
    const { tokenizer, questionLength, maxLength, overlap } = this.options;
    const { '[CLS]': first, '[SEP]': last } = this.marks;
    const earlier = question.context.flatMap((part) => [...tokenizer.encode(part), last]);
    const asked = [...earlier, ...tokenizer.encode(question.text)].slice(-questionLength);
    const before = [first, ...asked, last];
    const room = { maxTokens: maxLength - before.length - 1, overlapTokens: overlap };
    return [...chunkText(context, tokenizer, room)].map((chunk) => {
      const { ids, spans } = encodeWithOffsets(tokenizer, chunk.text);
      return { chunk, ids: Int32Array.of(...before, ...ids, last), contextStart: before.length, spans };
    });
  }

  tensors(
    windows: readonly Window[],
    batch: Pick<RowBatch, 'batchSize' | 'length'>,
  ): QuestionedContexts<TensorData> {
    const sequences = windows.map(({ ids }) => ids);
    const contextStarts = new Int32Array(batch.batchSize);
    windows.forEach(({ contextStart }, i) => (contextStarts[i] = contextStart));
    return {
      ...padRows(sequences, batch, this.marks['[PAD]']),
      contextStarts: new TensorData('int32', [batch.batchSize], contextStarts),
    };
  }
}

/** First and last position among the ids of a window. */
export interface TokenSpan {
  readonly first: number;
  readonly last: number;
}

/** The place that says that there is no answer in a window. */
export const nowhere: TokenSpan = { first: 0, last: 0 };

/** The tokens of a window that hold a stretch of the source; `nowhere` when it is not wholly inside. */
export function tokensOf({ chunk, spans, contextStart }: Window, span: Span | undefined): TokenSpan {
  if (span === undefined || span.start < chunk.start || span.end > chunk.end) return nowhere;
  const [start, end] = [span.start - chunk.start, span.end - chunk.start];
  const first = spans.findIndex((token) => token.end > start);
  const last = spans.findLastIndex((token) => token.start < end);
  return first === -1 || last < first ? nowhere : { first: contextStart + first, last: contextStart + last };
}

/** The stretch of the chunk's text that tokens of a window stand for. */
export function textSpanOf({ spans, contextStart }: Window, { first, last }: TokenSpan): Span {
  return { start: spans[first - contextStart]?.start ?? 0, end: spans[last - contextStart]?.end ?? 0 };
}
