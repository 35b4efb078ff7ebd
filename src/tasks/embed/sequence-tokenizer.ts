// Turns a text into the sequence that an encoder was trained on: cut to fit, with the tokens that mark its ends. Knows no encoder.
import { z } from 'zod';
import type { Tokenizer } from '../../text/index.js';
import { TokenizerError } from '../../core/errors.js';

/**
 * Characters that are looked at for each token that fits. The rest of a longer text cannot reach the vector, unless
 * it consists of words of hundreds of letters; tokenizing all of it would take seconds.
 */
const charactersPerToken = 200;

const pairSchema = z.tuple([z.string(), z.int()]);
const templateSchema = z.object({
  single: z.array(
    z.object({ SpecialToken: z.object({ id: z.string() }).optional(), Sequence: z.unknown().optional() }),
  ),
  special_tokens: z.record(z.string(), z.object({ ids: z.array(z.int()) })),
});
const processorSchema = z.object({
  type: z.string(),
  cls: pairSchema.optional(),
  sep: pairSchema.optional(),
  processors: z.array(z.unknown()).optional(),
});

/** Ids that stand before and behind every text. */
interface Ends {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const none: Ends = { before: [], after: [] };

/** Sequences of one tokenizer for one longest length. */
export class SequenceTokenizer {
  private readonly tokenizer: Tokenizer;
  private readonly maxTokens: number;
  private readonly ends: Ends;

  /**
   * @param maxTokens of the whole sequence, ends included
   * @throws {TokenizerError} when the post-processor of the tokenizer's file cannot be read, or no token fits
   */
  constructor(tokenizer: Tokenizer, maxTokens: number) {
    this.tokenizer = tokenizer;
    this.maxTokens = maxTokens;
    this.ends = endsOf(tokenizer.toJSON()['post_processor']);
    if (this.room >= 1) return;
    throw new TokenizerError(`A sequence of ${maxTokens} tokens has no room for text between its ends.`);
  }

  /** The ids of a text, at most `maxTokens`: a longer text loses its end. */
  encode(text: string): Int32Array {
    const start = text.slice(0, this.room * charactersPerToken);
    const ids = this.tokenizer.encode(start).subarray(0, this.room);
    return Int32Array.of(...this.ends.before, ...ids, ...this.ends.after);
  }

  /** Tokens of text that fit between the ends. */
  private get room(): number {
    return this.maxTokens - this.ends.before.length - this.ends.after.length;
  }
}

/** Reads the post-processor of a `tokenizer.json`: a template, or the older BERT and RoBERTa kinds. */
function endsOf(json: unknown): Ends {
  if (json === null || json === undefined) return none;
  const parsed = processorSchema.safeParse(json);
  if (parsed.success) {
    const { type, cls, sep, processors } = parsed.data;
    if (type === 'Sequence')
      return (processors ?? []).map(endsOf).find(({ after }) => after.length > 0) ?? none;
    if (type === 'ByteLevel') return none;
    if (cls !== undefined && sep !== undefined) return { before: [cls[1]], after: [sep[1]] };
    const template = templateSchema.safeParse(json);
    if (type === 'TemplateProcessing' && template.success) return endsOfTemplate(template.data);
  }
  throw new TokenizerError(
    'tokenizer.json has a post-processor that Mneme cannot read; a TemplateProcessing, BertProcessing or RobertaProcessing was expected.',
  );
}

function endsOfTemplate({ single, special_tokens }: z.output<typeof templateSchema>): Ends {
  const text = single.findIndex(({ Sequence }) => Sequence !== undefined);
  const idsOf = (pieces: typeof single): number[] =>
    pieces.flatMap(({ SpecialToken }) => special_tokens[SpecialToken?.id ?? '']?.ids ?? []);
  return { before: idsOf(single.slice(0, text)), after: idsOf(single.slice(text + 1)) };
}
