// Pre-training of encoders: passages with hidden tokens, drawn anew each time. Knows nothing of files or of the loop.
import type { Random } from '../../core/random.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { MaskingOptions, RowBatch, TokenRows } from '../../data/index.js';
import type { Tensor } from '../../engine/graph.js';
import type { MaskedLanguageModelParameters, MaskedSequences } from '../../models/masked-language-model.js';
import type { Tokenizer } from '../../text/index.js';
import type { Examples } from '../../train/index.js';
import type { Objective, PretrainingModel } from './objective.js';
import type { PretrainingRecipe } from './recipe.js';
import { TensorData as HostTensor } from '../../core/tensor-data.js';
import { ignoredTarget, maskingOf, maskTokens, padRows, wordsOfIds } from '../../data/index.js';
import { MaskedLanguageModel } from '../../models/masked-language-model.js';
import { specialIds } from './objective.js';

/** Special tokens of the BERT family. */
export const encoderTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

export type MaskedRecipe = Extract<PretrainingRecipe, { readonly task: 'masked-language-model' }>;

/** @throws {ConfigError} when the tokenizer lacks a special token, or sizes do not fit */
export function maskedObjective({ model, masking }: MaskedRecipe, tokenizer: Tokenizer): Objective {
  const ids = specialIds(tokenizer, encoderTokens);
  const { vocabularySize } = tokenizer;
  const learner = new MaskedLanguageModel({ ...model, vocabularySize });
  const options = { ...maskingOf(tokenizer), fraction: masking.fraction };
  const frame = { first: ids['[CLS]'], last: ids['[SEP]'], padding: ids['[PAD]'] };
  return {
    model: pretrainingModel(learner),
    maxTokens: model.maxLength - 2,
    endId: frame.last,
    rowsPerExample: 1,
    rowsOf: (passage) => [passage.ids],
    examples: (rows) => new MaskedExamples(rows, frame, options, masking.wholeWords ? tokenizer : undefined),
  };
}

function pretrainingModel(model: MaskedLanguageModel): PretrainingModel {
  return {
    config: { kind: 'masked-language-model', encoder: { ...model.config } },
    init: (random) => model.init(random) as unknown as Tree<TensorData>,
    loss: (parameters, batch, key) =>
      model.loss(
        parameters as unknown as MaskedLanguageModelParameters<Tensor>,
        batch as unknown as MaskedSequences<Tensor>,
        key,
      ),
  };
}

/** Tokens around and behind a passage. */
interface Frame {
  readonly first: number;
  readonly last: number;
  readonly padding: number;
}

/** `[CLS] passage [SEP]`, with tokens hidden. */
class MaskedExamples implements Examples {
  readonly lengths: Int32Array;
  private readonly rows: TokenRows;
  private readonly frame: Frame;
  private readonly options: MaskingOptions & { readonly fraction: number };
  private readonly tokenizer: Tokenizer | undefined;
  private readonly words = new Map<number, Int32Array>();

  /** @param tokenizer knows which tokens are one word; without it each is hidden by itself */
  constructor(
    rows: TokenRows,
    frame: Frame,
    options: MaskingOptions & { readonly fraction: number },
    tokenizer: Tokenizer | undefined,
  ) {
    this.rows = rows;
    this.frame = frame;
    this.options = options;
    this.tokenizer = tokenizer;
    this.lengths = Int32Array.from({ length: rows.count }, (_, row) => rows.row(row).length + 2);
  }

  /** There is room for `fraction` of all places of the batch; of a word that takes more, the rest is hidden and not guessed. */
  tensors(batch: RowBatch, random: Random): MaskedSequences<TensorData> & Record<string, TensorData> {
    const { first, last, padding } = this.frame;
    const room = batch.batchSize * Math.max(1, Math.round(batch.length * this.options.fraction));
    const places: number[] = [];
    const targets: number[] = [];
    const sequences = batch.rows.map((row, i) => {
      const masked = maskTokens(this.rows.row(row), this.options, random.split(i), this.wordsOf(row));
      masked.targets.forEach((target, position) => {
        if (target === ignoredTarget || places.length === room) return;
        places.push(i * batch.length + position + 1);
        targets.push(target);
      });
      return Int32Array.of(first, ...masked.inputs, last);
    });
    const filled = (values: readonly number[], filler: number): TensorData => {
      const data = new Int32Array(room).fill(filler);
      data.set(values);
      return new HostTensor('int32', [room], data);
    };
    return {
      ...padRows(sequences, batch, padding),
      places: filled(places, 0),
      targets: filled(targets, ignoredTarget),
    };
  }

  private wordsOf(row: number): Int32Array | undefined {
    if (this.tokenizer === undefined) return undefined;
    const words = this.words.get(row) ?? wordsOfIds(this.rows.row(row), this.tokenizer);
    this.words.set(row, words);
    return words;
  }
}
