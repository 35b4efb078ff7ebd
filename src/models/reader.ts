// What turns token ids into vectors, one for each token, for a head above: an encoder, a language model, recurrent layers or a plain table. Knows no head.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { EncoderParameters } from './encoder.js';
import type { LanguageModelParameters } from './language-model.js';
import { parseConfig } from '../core/parse-config.js';
import { withScope } from '../engine/graph.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { Bidirectional } from '../memory/bidirectional.js';
import { Gru } from '../memory/gru.js';
import { Lstm } from '../memory/lstm.js';
import { Dropout } from '../nn/dropout.js';
import { Embedding } from '../nn/embedding.js';
import { lengthMask } from '../nn/mask.js';
import { Encoder } from './encoder.js';
import { LanguageModel } from './language-model.js';

/** Sequences with what is needed to read them. */
export interface ReaderInput {
  /** int32 [batch, time] */
  readonly ids: Tensor;
  /** int32 [batch]: how many of them are tokens and not padding */
  readonly lengths: Tensor;
  /** uint32[2] for dropout; without it nothing is dropped */
  readonly key?: Tensor | undefined;
}

export interface Reader {
  /** The configuration with every choice made. */
  readonly config: { readonly kind: string };
  readonly vocabularySize: number;
  /** Size of the vectors. */
  readonly width: number;
  /** Tokens of the longest sequence; Infinity where nothing bounds it. */
  readonly maxLength: number;
  /** Whether each vector knows only of the tokens before it. */
  readonly isCausal: boolean;
  init(random: Random): Tree<TensorData>;
  /** @returns [batch, time, width]; what stands at padding means nothing */
  read(parameters: Tree<Tensor>, input: ReaderInput): Tensor;
}

const size = z.int().positive();
const shared = {
  vocabularySize: size,
  /** Size of the vectors of tokens. */
  width: size.default(128),
  /** Probability of dropping an element of the vectors of tokens, and between layers where there are several. */
  dropout: z.number().min(0).max(0.99).default(0),
};

const embeddingSchema = z.strictObject({ kind: z.literal('embedding'), ...shared });

const recurrentSchema = z.strictObject({
  kind: z.literal('bidirectional'),
  ...shared,
  cell: z.enum(['gru', 'lstm']).default('gru'),
  /** Size of each direction. Default: half of `width`. */
  hiddenSize: size.optional(),
  layers: size.default(1),
});

/** A reader as a configuration has it; the kind decides what else there is. */
export const readerSchema = z.looseObject({
  kind: z.enum(['embedding', 'bidirectional', 'encoder', 'language-model']),
});

export type ReaderConfig = z.output<typeof readerSchema>;

/** @throws {ConfigError} when the config has an unknown key or sizes that do not fit */
export function createReader(config: ReaderConfig): Reader {
  switch (config.kind) {
    case 'embedding':
      return embeddingReader(parseConfig(embeddingSchema, config, 'Reader configuration'));
    case 'bidirectional':
      return recurrentReader(parseConfig(recurrentSchema, config, 'Reader configuration'));
    case 'encoder':
      return encoderReader(new Encoder(config));
    case 'language-model':
      return languageModelReader(new LanguageModel(config));
  }
}

function tableOf({
  vocabularySize,
  width,
}: z.output<typeof embeddingSchema> | z.output<typeof recurrentSchema>) {
  return new Embedding({ vocabularySize, width, initializer: { normal: 0.1 } });
}

/** Vectors of tokens that know nothing of their neighbours: a bag of words. */
function embeddingReader(config: z.output<typeof embeddingSchema>): Reader {
  const { vocabularySize, width, dropout } = config;
  const table = tableOf(config);
  const drop = new Dropout({ rate: dropout });
  type Parameters<T> = { readonly embedding: { readonly weight: T } };
  return {
    config,
    vocabularySize,
    width,
    maxLength: Infinity,
    isCausal: true,
    init: (random) => ({ embedding: table.init(random.split('embedding')) }) as unknown as Tree<TensorData>,
    read: (parameters, { ids, key }) =>
      drop.apply(table.apply((parameters as unknown as Parameters<Tensor>).embedding, ids), key),
  };
}

/** Recurrent layers that read in both directions. */
function recurrentReader(config: z.output<typeof recurrentSchema>): Reader {
  const { vocabularySize, width, dropout, cell, layers } = config;
  const hiddenSize = config.hiddenSize ?? Math.ceil(width / 2);
  const table = tableOf(config);
  const drop = new Dropout({ rate: dropout });
  const options = { inputSize: width, width: hiddenSize, layers, dropout: layers > 1 ? dropout : 0 };
  const recurrent = cell === 'gru' ? new Bidirectional(Gru, options) : new Bidirectional(Lstm, options);
  type Parameters<T> = {
    readonly embedding: { readonly weight: T };
    readonly recurrent: ReturnType<typeof recurrent.init>;
  };
  return {
    config: { ...config, hiddenSize } as Reader['config'],
    vocabularySize,
    width: recurrent.outputSize,
    maxLength: Infinity,
    isCausal: false,
    init: (random) =>
      ({
        embedding: table.init(random.split('embedding')),
        recurrent: recurrent.init(random.split('recurrent')),
      }) as unknown as Tree<TensorData>,
    read: (parameters, { ids, lengths, key }) => {
      const own = parameters as unknown as Parameters<Tensor>;
      const x = drop.apply(table.apply(own.embedding, ids), key && foldIn(key, 0));
      return withScope('recurrent', () => {
        const options = { lengths, ...(key && { key: foldIn(key, 1) }) };
        return recurrent.read(own.recurrent as never, x, options).output;
      });
    },
  };
}

function encoderReader(encoder: Encoder): Reader {
  const { vocabularySize, width, maxLength } = encoder.config;
  return {
    config: encoder.config,
    vocabularySize,
    width,
    maxLength,
    isCausal: false,
    init: (random) => encoder.init(random) as unknown as Tree<TensorData>,
    read: (parameters, { ids, lengths, key }) =>
      encoder.read(
        parameters as unknown as EncoderParameters<Tensor>,
        ids,
        lengthMask(lengths, ids.shape[1] ?? 0),
        { ...(key && { key }) },
      ),
  };
}

/** A language model without its head: any memory in its blocks. */
function languageModelReader(model: LanguageModel): Reader {
  const { vocabularySize, width, maxLength } = model.config;
  return {
    config: model.config,
    vocabularySize,
    width,
    maxLength: Math.min(maxLength, model.maxLength),
    isCausal: true,
    init: (random) => {
      const { head: _, ...parameters } = model.init(random);
      return parameters as unknown as Tree<TensorData>;
    },
    read: (parameters, { ids, key }) =>
      model.vectors(parameters as unknown as LanguageModelParameters<Tensor>, ids, key),
  };
}
