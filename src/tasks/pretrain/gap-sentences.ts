// Pre-training of encoder-decoders: passages whose most telling sentences are hidden, to be written. Knows nothing of files or of the loop.
import type { JsonObject } from '../../checkpoint/index.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { RowBatch, TokenRows } from '../../data/index.js';
import type { Tensor } from '../../engine/graph.js';
import type { SequencePairs } from '../../models/sequence-to-sequence.js';
import type { Tokenizer } from '../../text/index.js';
import type { Examples } from '../../train/index.js';
import type { Objective } from './objective.js';
import type { PretrainingRecipe } from './recipe.js';
import { Random } from '../../core/random.js';
import { ignoredTarget, padRows } from '../../data/index.js';
import { createSequenceToSequence } from '../../models/create-sequence-to-sequence.js';
import { gapSentences } from '../summarize/gap-sentences.js';
import { normalized } from './normalized.js';
import { specialIds } from './objective.js';

const maskToken = '[MASK1]';

/** Special tokens of models that write one text in the light of another, and the one that stands for a hidden sentence. */
export const writerTokens = ['<pad>', '<s>', '</s>', maskToken] as const;

export type GapRecipe = Extract<PretrainingRecipe, { readonly task: 'gap-sentences' }>;

/** @throws {ConfigError} when the tokenizer lacks a special token, or sizes do not fit */
export function gapObjective(recipe: GapRecipe, tokenizer: Tokenizer): Objective {
  const { maxTargetTokens, ...gaps } = recipe.gaps;
  const ids = specialIds(tokenizer, writerTokens);
  const learner = createSequenceToSequence({ ...recipe.model, vocabularySize: tokenizer.vocabularySize });
  const maxTokens = learner.maxSourceLength - 1; // The end takes one.
  const maxWritten = Math.min(maxTargetTokens ?? Infinity, learner.maxLength) - 1;
  const options = { ...gaps, maskToken, random: Random.fromSeed(recipe.training.seed).split('gaps') };
  const encode = (text: string): Int32Array =>
    tokenizer.encode(
      text
        .split(maskToken)
        .map((part) => normalized(recipe, part))
        .join(maskToken),
    );
  return {
    model: {
      config: { ...learner.config } as JsonObject,
      init: (random) => learner.init(random) as Tree<TensorData>,
      loss: (parameters, batch, key) =>
        learner.loss(parameters, batch as unknown as SequencePairs<Tensor>, key ? { key } : {}),
    },
    maxTokens,
    endId: ids['</s>'],
    rowsPerExample: 2,
    rowsOf(passage) {
      const chosen = gapSentences(passage.text, options);
      if (chosen === undefined) return [];
      return [encode(chosen.input).subarray(0, maxTokens), encode(chosen.target).subarray(0, maxWritten)];
    },
    examples: (rows) =>
      new GapExamples(rows, { start: ids['<s>'], end: ids['</s>'], padding: ids['<pad>'] }, maxWritten + 1),
  };
}

interface WritingTokens {
  readonly start: number;
  readonly end: number;
  readonly padding: number;
}

/** Texts are hidden sentences, about a third of a passage: there is room for half as many tokens as in what is read. */
const room = 2;

/** Passages to read, and their chosen sentences to write. Each ends with its end token, as the pairs do that are tuned on. */
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
      Math.max(rows.row(2 * i).length + 1, room * (rows.row(2 * i + 1).length + 1)),
    );
  }

  tensors({ rows, batchSize, length }: RowBatch): SequencePairs<TensorData> & Record<string, TensorData> {
    const { start, end, padding } = this.tokens;
    const side = (offset: number): Int32Array[] => rows.map((row) => this.rows.row(2 * row + offset));
    const written = { batchSize, length: Math.min(this.maxLength, Math.ceil(length / room)) };
    const ended = (ids: Int32Array): Int32Array => Int32Array.of(...ids, end);
    const source = padRows(side(0).map(ended), { batchSize, length }, padding);
    const texts = side(1);
    const inputs = texts.map((ids) => Int32Array.of(start, ...ids));
    const targets = texts.map(ended);
    return {
      source: source.ids,
      sourceLengths: source.lengths,
      inputs: padRows(inputs, written, padding).ids,
      targets: padRows(targets, written, ignoredTarget).ids,
    };
  }
}
