// An encoder of the BERT family: token, position and segment embeddings, then post-norm blocks. Knows nothing of its tasks.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { EmbeddingParameters } from '../nn/embedding.js';
import type { LayerNormParameters } from '../nn/layer-norm.js';
import type { EncoderBlockParameters } from './encoder-block.js';
import type { EncoderConfig } from './encoder-config.js';
import { invariant } from '../core/errors.js';
import { withScope } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { slice } from '../engine/ops/slicing.js';
import { Dropout } from '../nn/dropout.js';
import { Embedding } from '../nn/embedding.js';
import { requireAxes } from '../nn/layer.js';
import { LayerNorm } from '../nn/layer-norm.js';
import { LearnedPositions } from '../nn/positions.js';
import { leadingGlobals } from './encoder-attention.js';
import { EncoderBlock } from './encoder-block.js';
import { parseEncoderConfig } from './encoder-config.js';

export interface EncoderParameters<T> {
  readonly embedding: EmbeddingParameters<T>;
  readonly position: EmbeddingParameters<T>;
  readonly segment: EmbeddingParameters<T>;
  /** Of the sum of the three. */
  readonly norm: LayerNormParameters<T>;
  readonly blocks: readonly EncoderBlockParameters<T>[];
}

export interface EncoderReadOptions {
  /** int32 [batch, time], each in [0, config.segments). Default: all of segment 0. */
  readonly segments?: Tensor;
  /** uint32[2] for dropout; without it nothing is dropped. */
  readonly key?: Tensor;
}

/** Standard deviation of first weights. Source: Devlin et al. 2019, reference implementation. */
export const encoderDeviation = 0.02;

/**
 * A bidirectional encoder. Source: Devlin et al. 2019 (BERT), section 3; positions count from 0. With
 * `attention: { kind: 'longformer', window: 512 }` its cost grows with the length and not with its square.
 *
 * @example
 * const encoder = new Encoder({ vocabularySize: 30522, width: 384, layers: 6, heads: 12, maxLength: 512 });
 * const parameters = encoder.init(Random.fromSeed(1));
 */
export class Encoder {
  readonly config: EncoderConfig;
  private readonly embedding: Embedding;
  private readonly positions: LearnedPositions;
  private readonly segments: Embedding;
  private readonly norm: LayerNorm;
  private readonly dropout: Dropout;
  private readonly block: EncoderBlock;

  /** @throws {ConfigError} when the config has an unknown key or sizes that do not fit */
  constructor(config: unknown) {
    this.config = parseEncoderConfig(config);
    const { vocabularySize, width, maxLength, segments, epsilon, dropout } = this.config;
    this.embedding = new Embedding({ vocabularySize, width });
    this.positions = new LearnedPositions({ maxLength, width });
    this.segments = new Embedding({ vocabularySize: segments, width });
    this.norm = new LayerNorm({ width, epsilon });
    this.dropout = new Dropout({ rate: dropout });
    this.block = new EncoderBlock({ ...this.config, weightInitializer: { normal: encoderDeviation } });
  }

  init(random: Random): EncoderParameters<TensorData> {
    const blocks = random.split('blocks');
    return {
      embedding: this.embedding.init(random.split('embedding')),
      position: this.positions.init(random.split('position')),
      segment: this.segments.init(random.split('segment')),
      norm: this.norm.init(random.split('norm')),
      blocks: Array.from({ length: this.config.layers }, (_, i) => this.block.init(blocks.split(i))),
    };
  }

  /**
   * Reads sequences, each position in the light of all others.
   * @param ids int32 [batch, time], each in [0, vocabularySize); time is at most `maxLength`
   * @param mask bool [batch, time], true where there is a token and not padding
   * @returns [batch, time, width]; what stands at padding means nothing
   * @throws {ShapeError} when the sequence is longer than the positions that were learned
   */
  read(
    parameters: EncoderParameters<Tensor>,
    ids: Tensor,
    mask?: Tensor,
    { segments, key }: EncoderReadOptions = {},
  ): Tensor {
    const global = leadingGlobals(this.config.attention, ids.shape, mask, segments);
    const keyAt = (place: number): Tensor | undefined => key && foldIn(key, place);
    let x = this.dropout.apply(this.embed(parameters, ids, segments), keyAt(0));
    for (let i = 0; i < this.config.layers; i++) {
      const own = parameters.blocks[i];
      invariant(own !== undefined, `The parameters have no block ${i}.`);
      x = withScope(`blocks.${i}`, () => this.block.apply(own, x, { mask, global }, keyAt(i + 1)));
    }
    return x;
  }

  /** norm(token + position + segment): [batch, time, width]. */
  private embed(parameters: EncoderParameters<Tensor>, ids: Tensor, segments: Tensor | undefined): Tensor {
    requireAxes('Encoder', ids, ['batch', 'time']);
    const tokens = withScope('embedding', () => this.embedding.apply(parameters.embedding, ids));
    const placed = withScope('position', () => this.positions.apply(parameters.position, tokens));
    const ofSegments = withScope('segment', () =>
      segments === undefined
        ? slice(parameters.segment.weight, 0, 0, 1) // [1, width], for every position
        : this.segments.apply(parameters.segment, segments),
    );
    return withScope('norm', () => this.norm.apply(parameters.norm, add(placed, ofSegments)));
  }
}
