// A recurrent network that writes one sequence while it looks back at another. Knows nothing of text or of how tokens are chosen.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { RecurrentParameters } from '../memory/recurrent.js';
import type { AdditiveAttentionParameters } from '../nn/additive-attention.js';
import type { CrossEntropy } from '../nn/cross-entropy.js';
import type { EmbeddingParameters } from '../nn/embedding.js';
import type { LinearParameters } from '../nn/linear.js';
import type { Copyable, Look, PointerGeneratorParameters } from '../nn/pointer-generator.js';
import type { Pointer } from '../nn/pointer-mixture.js';
import type {
  Beginning,
  SequencePairs,
  SequenceToSequence,
  SourceTokens,
  WritingReading,
} from './sequence-to-sequence.js';
import { parseConfig } from '../core/parse-config.js';
import { withScope } from '../engine/graph.js';
import { expandDims, reshape, transpose } from '../engine/ops/layout.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { max } from '../engine/ops/reduce.js';
import { scan } from '../engine/ops/scan.js';
import { concat, select } from '../engine/ops/slicing.js';
import { tanh } from '../engine/ops/unary.js';
import { Gru } from '../memory/gru.js';
import { AdditiveAttention } from '../nn/additive-attention.js';
import { Dropout } from '../nn/dropout.js';
import { Embedding } from '../nn/embedding.js';
import { lengthMask } from '../nn/mask.js';
import { Linear } from '../nn/linear.js';
import { PointerGenerator } from '../nn/pointer-generator.js';
import { mixtureLogProbabilities } from '../nn/pointer-mixture.js';
import { requireOneVocabulary } from './encoder-decoder-config.js';
import { sequenceLoss } from './sequence-loss.js';

const size = z.int().positive();

const schema = z.strictObject({
  kind: z.literal('recurrent-encoder-decoder').default('recurrent-encoder-decoder'),
  /** Number of token ids that are written. */
  vocabularySize: size,
  /** Number of token ids that are read. Absent: both sides share one vocabulary and one embedding. */
  sourceVocabularySize: size.optional(),
  /** Size of the embeddings and of the layer before the head. */
  width: size,
  /** Size of each hidden state: one that reads forwards, one that reads backwards, one that writes. Default: the width. */
  hiddenSize: size.optional(),
  /** Tokens of the longest source and of the longest text that is written. */
  maxLength: size,
  /** Whether tokens of the source may be copied (a pointer-generator). Needs one vocabulary. */
  copy: z.boolean().default(false),
  /** Probability of dropping an element of the embeddings and of the layer before the head, while training. */
  dropout: z.number().min(0).max(0.99).default(0),
});

/** A configuration with every choice made. */
export interface RecurrentEncoderDecoderConfig extends Omit<z.output<typeof schema>, 'hiddenSize'> {
  readonly hiddenSize: number;
}

/** A configuration as a person writes it. */
export type RecurrentEncoderDecoderConfigInput = z.input<typeof schema>;

export interface RecurrentEncoderDecoderParameters<T> {
  /** Absent when both sides share one. */
  readonly sourceEmbedding?: EmbeddingParameters<T>;
  readonly embedding: EmbeddingParameters<T>;
  readonly forward: RecurrentParameters<T>;
  readonly backward: RecurrentParameters<T>;
  /** hiddenSize -> hiddenSize: from what was read backwards to the first state that writes */
  readonly start: LinearParameters<T>;
  readonly attention: AdditiveAttentionParameters<T>;
  /** Reads [embedding, context]. */
  readonly decoder: RecurrentParameters<T>;
  /** [hidden, embedding, context] -> 2 width, of which each pair keeps the larger one */
  readonly readout: LinearParameters<T>;
  readonly head: LinearParameters<T>;
  /** Only where tokens are copied. */
  readonly pointer?: PointerGeneratorParameters<T>;
}

/** What was read. */
interface Annotations<T> {
  /** bool [batch, sourceTime] */
  readonly mask: T;
  /** [batch, sourceTime, 2 hiddenSize] */
  readonly annotations: T;
  /** [batch, sourceTime, hiddenSize] */
  readonly keys: T;
  /** Only where tokens are copied. */
  readonly copyable?: Copyable<T>;
}

/** One step of the decoder. */
interface Written {
  readonly hidden: Tensor;
  readonly context: Tensor;
  readonly weights: Tensor;
}

/**
 * A bidirectional GRU reads; a GRU writes, and looks at all of what was read for each token:
 * c = attention(s); s' = GRU([E y; c], s); logits = W maxout(U s' + V E y + C c + b), with the reset gate before the product.
 * Source: Bahdanau et al. 2015, section 3 and appendix A, with the new state in the readout as in its equation 4. With `copy` its
 * attention copies too (See et al. 2017, section 2.2).
 */
export class RecurrentEncoderDecoder implements SequenceToSequence {
  readonly config: RecurrentEncoderDecoderConfig;
  private readonly embedding: Embedding;
  private readonly sourceEmbedding: Embedding | undefined;
  private readonly reader: Gru;
  private readonly start: Linear;
  private readonly attention: AdditiveAttention;
  private readonly decoder: Gru;
  private readonly readout: Linear;
  private readonly head: Linear;
  private readonly dropout: Dropout;
  private readonly pointer: PointerGenerator | undefined;

  /** @throws {ConfigError} when the config has an unknown key or a wrong value */
  constructor(input: unknown) {
    const config = parseConfig(schema, input, 'Recurrent encoder-decoder configuration');
    requireOneVocabulary(config);
    const { vocabularySize, sourceVocabularySize, width, dropout, copy } = config;
    const hiddenSize = config.hiddenSize ?? width;
    const contextWidth = 2 * hiddenSize;
    this.config = { ...config, hiddenSize };
    const table = { width, initializer: { normal: 0.1 } };
    this.embedding = new Embedding({ ...table, vocabularySize });
    if (sourceVocabularySize !== undefined)
      this.sourceEmbedding = new Embedding({ ...table, vocabularySize: sourceVocabularySize });
    this.reader = new Gru({ width: hiddenSize, inputSize: width, reset: 'before' });
    this.start = new Linear({ inputSize: hiddenSize, outputSize: hiddenSize });
    this.attention = new AdditiveAttention({ queryWidth: hiddenSize, contextWidth, width: hiddenSize });
    this.decoder = new Gru({ width: hiddenSize, inputSize: width + contextWidth, reset: 'before' });
    this.readout = new Linear({ inputSize: hiddenSize + width + contextWidth, outputSize: 2 * width });
    this.head = new Linear({ inputSize: width, outputSize: vocabularySize });
    this.dropout = new Dropout({ rate: dropout });
    if (copy) this.pointer = new PointerGenerator({ hiddenSize, inputSize: width, contextWidth });
  }

  get vocabularySize(): number {
    return this.config.vocabularySize;
  }

  get maxLength(): number {
    return this.config.maxLength;
  }

  get maxSourceLength(): number {
    return this.config.maxLength;
  }

  init(random: Random): RecurrentEncoderDecoderParameters<TensorData> {
    return {
      ...(this.sourceEmbedding && {
        sourceEmbedding: this.sourceEmbedding.init(random.split('sourceEmbedding')),
      }),
      embedding: this.embedding.init(random.split('embedding')),
      forward: this.reader.init(random.split('forward')),
      backward: this.reader.init(random.split('backward')),
      start: this.start.init(random.split('start')),
      attention: this.attention.init(random.split('attention')),
      decoder: this.decoder.init(random.split('decoder')),
      readout: this.readout.init(random.split('readout')),
      head: this.head.init(random.split('head')),
      ...(this.pointer && { pointer: this.pointer.init(random.split('pointer')) }),
    };
  }

  begin(parameters: Tree<Tensor>, source: SourceTokens<Tensor>): Beginning {
    const { hidden, ...context } = this.encode(ownOf(parameters), source);
    return { context: context as unknown as Tree<Tensor>, state: { hidden } };
  }

  step(parameters: Tree<Tensor>, ids: Tensor, state: Tree<Tensor>, context: Tree<Tensor>): WritingReading {
    const own = ownOf(parameters);
    const { hidden } = state as unknown as { readonly hidden: Tensor };
    const embedded = withScope('embedding', () => this.embedding.apply(own.embedding, ids));
    const source = context as unknown as Annotations<Tensor>;
    const written = this.write(own, embedded, hidden, source);
    const logits = this.logits(own, concat([written.hidden, embedded, written.context], 1));
    const atOnce = (x: Tensor): Tensor => expandDims(x, 1); // One time step.
    const look = {
      attention: atOnce(written.weights),
      hidden: atOnce(written.hidden),
      input: atOnce(embedded),
    };
    const pointer = this.pointTo(own, look, source);
    return {
      logits: pointer === undefined ? logits : mixtureLogProbabilities(logits, pointer),
      attention: written.weights,
      state: { hidden: written.hidden },
    };
  }

  loss(
    parameters: Tree<Tensor>,
    { inputs, ...pairs }: SequencePairs<Tensor>,
    { key, labelSmoothing = 0 }: { readonly key?: Tensor; readonly labelSmoothing?: number } = {},
  ): CrossEntropy<Tensor> {
    const own = ownOf(parameters);
    const { hidden: first, ...source } = this.encode(own, pairs, key && foldIn(key, 0));
    const embedded = withScope('embedding', () => this.embedding.apply(own.embedding, inputs));
    const input = this.dropout.apply(embedded, key && foldIn(key, 1));
    const { ys } = scan(
      (before: Tensor, input: Tensor) => {
        const { hidden, context, weights } = this.write(own, input, before, source);
        return { carry: hidden, y: { hidden, context, ...(this.pointer && { weights }) } };
      },
      first,
      swapped(input), // [time, batch, width]
    );
    const [hidden, context] = [swapped(ys.hidden), swapped(ys.context)]; // [batch, time, ...]
    // Everything that the next step does not need is one product over all steps.
    const logits = this.logits(own, concat([hidden, input, context], 2), key && foldIn(key, 2));
    const attention = ys.weights && swapped(ys.weights);
    const pointer = attention && this.pointTo(own, { attention, hidden, input }, source);
    return sequenceLoss({ logits, pointer }, pairs, labelSmoothing);
  }

  /** Where the attention copies from. `undefined` where nothing is copied. */
  private pointTo(
    { pointer }: RecurrentEncoderDecoderParameters<Tensor>,
    look: Look,
    { copyable }: Annotations<Tensor>,
  ): Pointer | undefined {
    return pointer && copyable && this.pointer?.point(pointer, look, copyable);
  }

  private encode(
    own: RecurrentEncoderDecoderParameters<Tensor>,
    { source, sourceLengths: lengths }: SourceTokens<Tensor>,
    key?: Tensor,
  ): Annotations<Tensor> & { readonly hidden: Tensor } {
    const mask = lengthMask(lengths, source.shape[1] ?? 0);
    const table = this.sourceEmbedding ?? this.embedding;
    const embedded = table.apply(own.sourceEmbedding ?? own.embedding, source);
    const x = this.dropout.apply(embedded, key);
    const forward = withScope('forward', () => this.reader.read(own.forward, x, undefined, { lengths }));
    const backward = withScope('backward', () =>
      this.reader.read(own.backward, x, undefined, { lengths, reverse: true }),
    );
    const annotations = concat([forward.output, backward.output], 2);
    const first = select(backward.output, 1, 0); // What was read backwards ends at the first token.
    const hidden = tanh(withScope('start', () => this.start.apply(own.start, first)));
    const keys = withScope('attention', () => this.attention.keys(own.attention, annotations));
    const copyable = own.pointer && this.pointer?.offer(own.pointer, source, annotations);
    return { mask, annotations, keys, hidden, ...(copyable && { copyable }) };
  }

  /** @param input embedding of the token before: [rows, width] */
  private write(
    own: RecurrentEncoderDecoderParameters<Tensor>,
    input: Tensor,
    hidden: Tensor,
    { keys, annotations, mask }: Annotations<Tensor>,
  ): Written {
    const { output: context, weights } = withScope('attention', () =>
      this.attention.apply(own.attention, hidden, keys, annotations, mask),
    );
    const { output: next } = withScope('decoder', () =>
      this.decoder.step(own.decoder, concat([input, context], 1), { layers: [{ hidden }] }),
    );
    return { hidden: next, context, weights };
  }

  /** @param joined [..., hidden, embedding, context] */
  private logits(own: RecurrentEncoderDecoderParameters<Tensor>, joined: Tensor, key?: Tensor): Tensor {
    const { width } = this.config;
    const pairs = withScope('readout', () => this.readout.apply(own.readout, joined));
    const larger = max(reshape(pairs, [...pairs.shape.slice(0, -1), width, 2]), -1);
    return withScope('head', () => this.head.apply(own.head, this.dropout.apply(larger, key)));
  }
}

/** [batch, time, ...] to [time, batch, ...], and back. */
function swapped(x: Tensor): Tensor {
  return transpose(x, [1, 0, 2]);
}

function ownOf(parameters: Tree<Tensor>): RecurrentEncoderDecoderParameters<Tensor> {
  return parameters as unknown as RecurrentEncoderDecoderParameters<Tensor>;
}
