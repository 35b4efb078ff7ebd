// A Transformer that writes one sequence in the light of another. Knows nothing of text or of how tokens are chosen.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { AttentionState } from '../memory/attention.js';
import type { CrossEntropy } from '../nn/cross-entropy.js';
import type { KeysAndValues } from '../nn/cross-attention.js';
import type { EmbeddingParameters } from '../nn/embedding.js';
import type { LayerNormParameters } from '../nn/layer-norm.js';
import type { Copyable, PointerGeneratorParameters } from '../nn/pointer-generator.js';
import type { Pointer } from '../nn/pointer-mixture.js';
import type { DecoderBlockParameters } from './decoder-block.js';
import type { EncoderBlockParameters } from './encoder-block.js';
import type { EncoderDecoderConfig } from './encoder-decoder-config.js';
import type {
  Beginning,
  SequencePairs,
  SequenceToSequence,
  SourceTokens,
  WritingReading,
} from './sequence-to-sequence.js';
import { invariant } from '../core/errors.js';
import { withScope } from '../engine/graph.js';
import { add, mul } from '../engine/ops/arithmetic.js';
import { full } from '../engine/ops/constant.js';
import { broadcastTo, expandDims, reshape } from '../engine/ops/layout.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { Dropout } from '../nn/dropout.js';
import { Embedding } from '../nn/embedding.js';
import { LayerNorm } from '../nn/layer-norm.js';
import { lengthMask } from '../nn/mask.js';
import { LearnedPositions, SinusoidalPositions } from '../nn/positions.js';
import { PointerGenerator } from '../nn/pointer-generator.js';
import { mixtureLogProbabilities } from '../nn/pointer-mixture.js';
import { DecoderBlock } from './decoder-block.js';
import { leadingGlobals } from './encoder-attention.js';
import { EncoderBlock } from './encoder-block.js';
import { parseEncoderDecoderConfig } from './encoder-decoder-config.js';
import { sequenceLoss } from './sequence-loss.js';

/** Parameters of the half that reads or of the half that writes. */
interface Side<T, Block> {
  /** Absent on the reading side when both share the writing side's. */
  readonly embedding?: EmbeddingParameters<T>;
  /** Learned positions only. */
  readonly position?: EmbeddingParameters<T>;
  readonly blocks: readonly Block[];
  /** After the last block, where blocks normalize before. */
  readonly norm?: LayerNormParameters<T>;
}

export interface EncoderDecoderParameters<T> {
  readonly encoder: Side<T, EncoderBlockParameters<T>>;
  readonly decoder: Side<T, DecoderBlockParameters<T>>;
  /** Absent when the head is tied to the embedding. */
  readonly head?: EmbeddingParameters<T>;
  /** Only where tokens are copied. */
  readonly pointer?: PointerGeneratorParameters<T>;
}

type SideName = keyof Pick<EncoderDecoderParameters<unknown>, 'encoder' | 'decoder'>;

/** What was read, in the form that each block of the decoder looks at. */
export interface EncodedSource<T> {
  /** bool [batch, sourceTime] */
  readonly mask: T;
  readonly blocks: readonly KeysAndValues<T>[];
  /** Only where tokens are copied. */
  readonly copyable?: Copyable<T>;
}

export interface EncoderDecoderState<T> {
  /** int32 scalar: tokens written so far */
  readonly position: T;
  readonly blocks: readonly AttentionState<T>[];
}

/** What `write` gives: `logits` are those of the vocabulary, whatever may be copied. */
export interface EncoderDecoderReading extends WritingReading {
  readonly pointer: Pointer | undefined;
}

/**
 * Embeddings times sqrt(width), positions, blocks that read in both directions, blocks that write and look at what was read.
 * Source: Vaswani et al. 2017; with a shared vocabulary and a tied head as in its section 3.4. With
 * `encoderAttention: { kind: 'longformer', window: 512 }` it is the Longformer encoder-decoder of Beltagy et al. 2020,
 * section 5: the source is read locally with global first tokens, and written texts see all of it. With `copy` it is a
 * pointer-generator (See et al. 2017, section 2.2): the attention of the last block, its heads averaged, is what copies.
 *
 * @example
 * const model = new EncoderDecoder({ vocabularySize: 10000, width: 256, encoderLayers: 3, decoderLayers: 3, maxLength: 128 });
 * const parameters = model.init(Random.fromSeed(1));
 */
export class EncoderDecoder implements SequenceToSequence {
  readonly config: EncoderDecoderConfig;
  private readonly embedding: Embedding;
  private readonly sourceEmbedding: Embedding | undefined;
  private readonly positions: Readonly<Record<SideName, LearnedPositions | SinusoidalPositions>>;
  private readonly encoderBlock: EncoderBlock;
  private readonly norm: LayerNorm;
  private readonly dropout: Dropout;
  private readonly pointer: PointerGenerator | undefined;

  /** @throws {ConfigError} when the config has an unknown key or sizes that do not fit */
  constructor(config: unknown) {
    this.config = parseEncoderDecoderConfig(config);
    const { vocabularySize, sourceVocabularySize, width, position, dropout } = this.config;
    const { maxLength, maxSourceLength, copy } = this.config;
    // Times sqrt(width), vectors are as long as positions are.
    const table = { width, initializer: { normal: width ** -0.5 } };
    this.embedding = new Embedding({ ...table, vocabularySize });
    if (sourceVocabularySize !== undefined)
      this.sourceEmbedding = new Embedding({ ...table, vocabularySize: sourceVocabularySize });
    const positions = (longest: number) =>
      position === 'learned'
        ? new LearnedPositions({ maxLength: longest, width })
        : new SinusoidalPositions({ width });
    this.positions = { encoder: positions(maxSourceLength), decoder: positions(maxLength) };
    this.encoderBlock = new EncoderBlock({
      ...this.config,
      attention: this.config.encoderAttention,
      weightInitializer: 'xavier-uniform',
    });
    this.norm = new LayerNorm({ width });
    this.dropout = new Dropout({ rate: dropout });
    if (copy)
      this.pointer = new PointerGenerator({ hiddenSize: width, inputSize: width, contextWidth: width });
    this.decoderBlock(maxLength); // Sizes that do not fit are said now.
  }

  get vocabularySize(): number {
    return this.config.vocabularySize;
  }

  get maxLength(): number {
    return this.config.maxLength;
  }

  get maxSourceLength(): number {
    return this.config.maxSourceLength;
  }

  init(random: Random): EncoderDecoderParameters<TensorData> {
    const { encoderLayers, decoderLayers, maxLength, tiedHead } = this.config;
    const own = random.split('encoder');
    const other = random.split('decoder');
    const decoderBlock = this.decoderBlock(maxLength);
    const common = (positions: LearnedPositions | SinusoidalPositions, side: Random) => ({
      ...(positions instanceof LearnedPositions && { position: positions.init(side.split('position')) }),
      ...(this.config.normOrder === 'pre' && { norm: this.norm.init(side.split('norm')) }),
    });
    return {
      encoder: {
        ...(this.sourceEmbedding && { embedding: this.sourceEmbedding.init(own.split('embedding')) }),
        ...common(this.positions.encoder, own),
        blocks: Array.from({ length: encoderLayers }, (_, i) => this.encoderBlock.init(own.split(i))),
      },
      decoder: {
        embedding: this.embedding.init(other.split('embedding')),
        ...common(this.positions.decoder, other),
        blocks: Array.from({ length: decoderLayers }, (_, i) => decoderBlock.init(other.split(i))),
      },
      ...(!tiedHead && { head: this.embedding.init(random.split('head')) }),
      ...(this.pointer && { pointer: this.pointer.init(random.split('pointer')) }),
    };
  }

  /**
   * Reads sources and computes what each block of the decoder will look at.
   * @param key uint32[2] for dropout; without it nothing is dropped
   */
  encode(
    parameters: EncoderDecoderParameters<Tensor>,
    { source, sourceLengths }: SourceTokens<Tensor>,
    key?: Tensor,
  ): EncodedSource<Tensor> {
    const mask = lengthMask(sourceLengths, source.shape[1] ?? 0);
    const global = leadingGlobals(this.config.encoderAttention, source.shape, mask);
    const { encoder, decoder } = parameters;
    const hidden = withScope('encoder', () => {
      const embedded = this.embed('encoder', parameters, source, 0);
      let x = this.dropout.apply(embedded, key && foldIn(key, 0));
      encoder.blocks.forEach((block, i) => {
        x = withScope(`blocks.${i}`, () =>
          this.encoderBlock.apply(block, x, { mask, global }, key && foldIn(key, i + 1)),
        );
      });
      return this.normalize(encoder, x);
    });
    const block = this.decoderBlock(this.maxLength);
    const blocks = decoder.blocks.map((own, i) =>
      withScope(`decoder.blocks.${i}`, () => block.keysAndValues(own, hidden)),
    );
    const copyable = parameters.pointer && this.pointer?.offer(parameters.pointer, source, hidden);
    return { mask, blocks, ...(copyable && { copyable }) };
  }

  /**
   * Writes the next tokens of texts.
   * @param ids int32 [rows, time], rows a multiple of the sources
   * @param state default: nothing was written before
   * @param key uint32[2] for dropout; without it nothing is dropped
   */
  write(
    parameters: EncoderDecoderParameters<Tensor>,
    ids: Tensor,
    source: EncodedSource<Tensor>,
    state?: EncoderDecoderState<Tensor>,
    key?: Tensor,
  ): EncoderDecoderReading {
    const { decoder } = parameters;
    const capacity = state?.blocks[0]?.keys.shape[2] ?? this.maxLength;
    const block = this.decoderBlock(capacity);
    const states: AttentionState<Tensor>[] = [];
    let attention: Tensor | undefined;
    const input = withScope('decoder', () =>
      this.dropout.apply(this.embed('decoder', parameters, ids, state?.position ?? 0), key && foldIn(key, 0)),
    );
    const hidden = withScope('decoder', () => {
      let x = input;
      decoder.blocks.forEach((own, i) => {
        const looked = source.blocks[i];
        invariant(looked !== undefined, `The source was not encoded for block ${i}.`);
        const reading = withScope(`blocks.${i}`, () =>
          block.read(own, x, { ...looked, mask: source.mask }, state?.blocks[i], key && foldIn(key, i + 1)),
        );
        x = reading.output;
        attention = reading.attention;
        states.push(reading.state);
      });
      return this.normalize(decoder, x);
    });
    invariant(attention !== undefined, 'A decoder has at least one block.');
    const table = parameters.head ?? decoder.embedding;
    invariant(table !== undefined, 'The decoder has an embedding.');
    const logits = withScope('head', () => this.embedding.logits(table, hidden));
    const position = add(state?.position ?? full(0, 'int32'), ids.shape[1] ?? 0);
    const next: EncoderDecoderState<Tensor> = { position, blocks: states };
    const { copyable } = source;
    const pointer =
      copyable &&
      parameters.pointer &&
      this.pointer?.point(parameters.pointer, { attention, hidden, input }, copyable);
    return { logits, pointer, attention, state: next as unknown as Tree<Tensor> };
  }

  begin(parameters: Tree<Tensor>, source: SourceTokens<Tensor>, capacity: number): Beginning {
    const own = parameters as unknown as EncoderDecoderParameters<Tensor>;
    const context = this.encode(own, source) as unknown as Tree<Tensor>;
    const like = this.decoderBlock(capacity).initialState(source.source.shape[0] ?? 0);
    const empty = (): AttentionState<Tensor> => ({
      keys: broadcastTo(full(0), like.keys.shape),
      values: broadcastTo(full(0), like.values.shape),
      length: full(0, 'int32'),
    });
    const blocks = Array.from({ length: this.config.decoderLayers }, empty);
    return { context, state: { position: full(0, 'int32'), blocks } as unknown as Tree<Tensor> };
  }

  step(parameters: Tree<Tensor>, ids: Tensor, state: Tree<Tensor>, context: Tree<Tensor>): WritingReading {
    const {
      logits,
      pointer,
      attention,
      state: next,
    } = this.write(
      parameters as unknown as EncoderDecoderParameters<Tensor>,
      expandDims(ids, 1),
      context as unknown as EncodedSource<Tensor>,
      state as unknown as EncoderDecoderState<Tensor>,
    );
    const withoutTime = (x: Tensor): Tensor => reshape(x, [x.shape[0] ?? 0, x.shape[2] ?? 0]);
    const said = pointer === undefined ? logits : mixtureLogProbabilities(logits, pointer);
    return { logits: withoutTime(said), attention: withoutTime(attention), state: next };
  }

  loss(
    parameters: Tree<Tensor>,
    { inputs, ...pairs }: SequencePairs<Tensor>,
    { key, labelSmoothing = 0 }: { readonly key?: Tensor; readonly labelSmoothing?: number } = {},
  ): CrossEntropy<Tensor> {
    const own = parameters as unknown as EncoderDecoderParameters<Tensor>;
    const encoded = this.encode(own, pairs, key && foldIn(key, 0));
    const written = this.write(own, inputs, encoded, undefined, key && foldIn(key, 1));
    return sequenceLoss(written, pairs, labelSmoothing);
  }

  private embed(
    name: SideName,
    parameters: EncoderDecoderParameters<Tensor>,
    ids: Tensor,
    start: Tensor | number,
  ): Tensor {
    const side = parameters[name];
    const positions = this.positions[name];
    const table = (name === 'encoder' && this.sourceEmbedding) || this.embedding;
    const embedding = side.embedding ?? parameters.decoder.embedding;
    invariant(embedding !== undefined, 'One side has an embedding.');
    const embedded = withScope('embedding', () => table.apply(embedding, ids));
    const scaled = mul(embedded, Math.sqrt(this.config.width));
    return withScope('position', () => {
      if (positions instanceof SinusoidalPositions) return positions.apply({}, scaled, start);
      invariant(side.position !== undefined, 'Learned positions have parameters.');
      return positions.apply(side.position, scaled, start);
    });
  }

  private normalize({ norm }: Side<Tensor, unknown>, x: Tensor): Tensor {
    return norm === undefined ? x : withScope('norm', () => this.norm.apply(norm, x));
  }

  private decoderBlock(capacity: number): DecoderBlock {
    return new DecoderBlock({ ...this.config, capacity, weightInitializer: 'xavier-uniform' });
  }
}
