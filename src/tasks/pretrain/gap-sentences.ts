// Pre-training of encoder-decoders: passages whose most telling sentences are hidden, to be written. Knows nothing of files or of the loop.
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { RowBatch, TokenRows } from '../../data/index.js';
import type { Tensor } from '../../engine/graph.js';
import type { SequencePairs } from '../../models/sequence-to-sequence.js';
import type { Tokenizer } from '../../text/index.js';
import type { Examples } from '../../train/index.js';
import type { Objective } from './objective.js';
import type { PretrainingRecipe } from './recipe.js';
import { ignoredTarget, padRows } from '../../data/index.js';
import { EncoderDecoder } from '../../models/encoder-decoder.js';
import { gapSentences } from '../summarize/gap-sentences.js';
import { specialIds } from './objective.js';

/** Special tokens of models that write one text in the light of another, and the one that stands for a hidden sentence. */
export const writerTokens = ['<pad>', '<s>', '</s>', '[MASK1]'] as const;

export type GapRecipe = Extract<PretrainingRecipe, { readonly task: 'gap-sentences' }>;

/** @throws {ConfigError} when the tokenizer lacks a special token, or sizes do not fit */
export function gapObjective({ model, gaps }: GapRecipe, tokenizer: Tokenizer): Objective {
  const ids = specialIds(tokenizer, writerTokens);
  const learner = new EncoderDecoder({ ...model, vocabularySize: tokenizer.vocabularySize });
  const { maxSourceLength, maxLength } = learner.config;
  return {
    model: {
      config: { ...learner.config },
      init: (random) => learner.init(random) as unknown as Tree<TensorData>,
      loss: (parameters, batch, key) =>
        learner.loss(parameters, batch as unknown as SequencePairs<Tensor>, key ? { key } : {}),
    },
    maxTokens: maxSourceLength,
    endId: ids['</s>'],
    rowsPerExample: 2,
    rowsOf(passage) {
      const hidden = gapSentences(passage.text, { ...gaps, maskToken: '[MASK1]' });
      if (hidden === undefined) return [];
      return [
        tokenizer.encode(hidden.input).subarray(0, maxSourceLength),
        tokenizer.encode(hidden.target).subarray(0, maxLength - 1),
      ];
    },
    examples: (rows) =>
      new GapExamples(rows, { start: ids['<s>'], end: ids['</s>'], padding: ids['<pad>'] }, maxLength),
  };
}

interface WritingTokens {
  readonly start: number;
  readonly end: number;
  readonly padding: number;
}

/** Texts are hidden sentences, about a third of a passage: there is room for half as many tokens as in what is read. */
const room = 2;

/** Passages to read, and their hidden sentences to write. */
class GapExamples implements Examples {
  readonly lengths: Int32Array;
  private readonly rows: TokenRows;
  private readonly tokens: WritingTokens;
  private readonly maxLength: number;

  /** @param rows what is read and what is to be written, in turns */
  constructor(rows: TokenRows, tokens: WritingTokens, maxLength: number) {
    this.rows = rows;
    this.tokens = tokens;
    this.maxLength = maxLength;
    this.lengths = Int32Array.from({ length: rows.count / 2 }, (_, i) =>
      Math.max(rows.row(2 * i).length, room * (rows.row(2 * i + 1).length + 1)),
    );
  }

  tensors({ rows, batchSize, length }: RowBatch): SequencePairs<TensorData> & Record<string, TensorData> {
    const { start, end, padding } = this.tokens;
    const side = (offset: number): Int32Array[] => rows.map((row) => this.rows.row(2 * row + offset));
    const written = { batchSize, length: Math.min(this.maxLength, Math.ceil(length / room)) };
    const { ids: source, lengths: sourceLengths } = padRows(side(0), { batchSize, length }, padding);
    const texts = side(1);
    const inputs = texts.map((ids) => Int32Array.of(start, ...ids));
    const targets = texts.map((ids) => Int32Array.of(...ids, end));
    return {
      source,
      sourceLengths,
      inputs: padRows(inputs, written, padding).ids,
      targets: padRows(targets, written, ignoredTarget).ids,
    };
  }
}
