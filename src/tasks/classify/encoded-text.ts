// Texts as a classifier reads them: tokens with their context in front, and n-grams. Knows nothing of labels.
import type { RowBatch } from '../../data/index.js';
import type { Tokenizer } from '../../text/index.js';
import type { Named } from '../../train/index.js';
import type { TextInContext } from '../tune/text-in-context.js';
import type { NGramTable } from './n-grams.js';
import { TensorData } from '../../core/tensor-data.js';
import { padRows } from '../../data/index.js';
import { chunkText } from '../../text/index.js';
import { wholeText } from '../tune/text-in-context.js';

/** What is read of a text. */
export interface EncodedText {
  readonly ids: Int32Array;
  readonly features: Int32Array;
}

export interface TextEncoderOptions {
  readonly tokenizer: Tokenizer;
  readonly nGrams: NGramTable;
  /** N-grams that there is room for, for each token that there is room for. */
  readonly nGramsPerToken: number;
  /** Tokens of the longest reading. */
  readonly maxLength: number;
  /** Tokens around what is read, and between context and text: `[CLS]`, `[SEP]`, where the tokenizer has them. */
  readonly marks: { readonly start?: number | undefined; readonly separator?: number | undefined };
}

/** Encodes texts and makes tensors of them. */
export class TextEncoding {
  readonly options: TextEncoderOptions;

  constructor(options: TextEncoderOptions) {
    this.options = options;
  }

  /** Tokens of a text that fit into one reading. */
  get room(): number {
    return this.options.maxLength - this.markIds().length;
  }

  /** A text that is read at once: what does not fit is cut, of the context what is furthest away, of the text its end. */
  encode(given: TextInContext): EncodedText {
    const { tokenizer, nGrams } = this.options;
    const ids = this.joined(tokenizer.encode(given.text), given.context);
    return { ids, features: nGrams.numbersOf(wholeText(given)) };
  }

  /**
   * What is read of a text of any length: all of it at once, or chunk by chunk, each behind the same context.
   * @returns at least one reading
   */
  readings(given: TextInContext): readonly EncodedText[] {
    const { tokenizer } = this.options;
    if (tokenizer.encode(given.text).length <= this.room) return [this.encode(given)];
    const ofContext = given.context.length === 0 ? 0 : tokenizer.encode(given.context.join('\n')).length;
    const maxTokens = Math.max(1, this.room - Math.min(ofContext, Math.floor(this.room / 2)));
    const chunks = chunkText(given.text, tokenizer, { maxTokens });
    return Array.from(chunks, ({ text }) => this.encode({ ...given, text }));
  }

  /** How long a batch must be for a text: so that its tokens and its n-grams fit in. */
  lengthOf({ ids, features }: EncodedText): number {
    const { nGramsPerToken, maxLength } = this.options;
    const forFeatures = nGramsPerToken === 0 ? 0 : Math.ceil(features.length / nGramsPerToken);
    return Math.max(1, ids.length, Math.min(maxLength, forFeatures));
  }

  /**
   * @returns ids [batch, time], lengths [batch], and features [batch, time * nGramsPerToken] where there are n-grams; of those that do
   * not fit the rarest are left out
   */
  tensors(texts: readonly EncodedText[], batch: Pick<RowBatch, 'batchSize' | 'length'>): Named<TensorData> {
    const { batchSize, length } = batch;
    const { ids, lengths } = padRows(
      texts.map((text) => text.ids),
      batch,
      0,
    );
    const room = length * this.options.nGramsPerToken;
    if (room === 0) return { ids, lengths };
    const features = new Int32Array(batchSize * room);
    texts.forEach((text, i) => features.set(text.features.subarray(0, room), i * room));
    return { ids, lengths, features: new TensorData('int32', [batchSize, room], features) };
  }

  private joined(text: Int32Array, context: readonly string[]): Int32Array {
    const { tokenizer, marks, maxLength } = this.options;
    const separator = marks.separator === undefined ? [] : [marks.separator];
    const room = Math.max(0, this.room - separator.length * context.length);
    const own = text.subarray(0, context.length === 0 ? this.room : room);
    const before = context.flatMap((part) => [...tokenizer.encode(part), ...separator]);
    const left = Math.max(0, this.room - own.length);
    const kept = left === 0 ? [] : before.slice(-left);
    const start = marks.start === undefined ? [] : [marks.start];
    const end = marks.start === undefined ? [] : separator;
    return Int32Array.from([...start, ...kept, ...own, ...end]).subarray(0, maxLength);
  }

  private markIds(): readonly number[] {
    const { start, separator } = this.options.marks;
    return start === undefined ? [] : separator === undefined ? [start] : [start, separator];
  }
}
