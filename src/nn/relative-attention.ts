// Attention whose scores depend on the distance between tokens: the relative positions of Transformer-XL. Knows no memory.
// Source: Dai et al. 2019, section 3.3 and appendix B.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Attended } from './attend.js';
import type { ByHead, HeadProjectionParameters, HeadProjectionsOptions } from './head-projections.js';
import type { Initializer } from './initializers.js';
import { withScope } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { expandDims, flip, reshape, transpose } from '../engine/ops/layout.js';
import { gather } from '../engine/ops/indexing.js';
import { matmul } from '../engine/ops/matmul.js';
import { concat, pad, slice } from '../engine/ops/slicing.js';
import { anglesAt } from './angles.js';
import { attend } from './attend.js';
import { HeadProjections } from './head-projections.js';
import { initialize } from './initializers.js';
import { Linear } from './linear.js';

export interface RelativeAttentionParameters<T> extends HeadProjectionParameters<T> {
  /** Of the vectors that stand for distances; W_{k,R} in the paper. */
  readonly distance: { readonly weight: T };
  /** [heads, headSize]: what every query asks of contents; u in the paper. */
  readonly contentBias: T;
  /** [heads, headSize]: what every query asks of distances; v in the paper. */
  readonly distanceBias: T;
}

/** Vectors that a single token looks at, as they are before any projection. */
export interface Remembered {
  /** [batch, count, width] */
  readonly inputs: Tensor;
  /** int32 [count]: how far back each stands; at least 0 and below `reach`. */
  readonly distances: Tensor;
  /** Broadcasts to [batch, heads, count]: -Infinity hides one. */
  readonly bias?: Tensor;
}

/**
 * score(i, j) = ((q_i + u) k_j + (q_i + v) W R_{i-j}) / sqrt(headSize), where R_d is the sinusoidal vector of distance d: sines
 * in its first half, cosines in the second, as in the authors' code. No linear layer has a bias, as there.
 */
export class RelativeAttention {
  readonly width: number;
  readonly projections: HeadProjections;
  private readonly distance: Linear;
  private readonly biasInitializer: Initializer;
  private readonly scale: number;

  /** @throws {ConfigError} when heads do not divide the width */
  constructor(options: Omit<HeadProjectionsOptions, 'bias' | 'keyValueHeads'>) {
    const { width, weightInitializer } = options;
    this.width = width;
    this.projections = new HeadProjections({ ...options, bias: false });
    this.distance = new Linear({ inputSize: width, outputSize: width, bias: false, weightInitializer });
    this.biasInitializer = weightInitializer ?? { normal: 0.02 };
    this.scale = 1 / Math.sqrt(this.projections.headSize);
  }

  init(random: Random): RelativeAttentionParameters<TensorData> {
    const shape = [this.projections.heads, this.projections.headSize];
    const bias = (name: string): TensorData => initialize(this.biasInitializer, shape, random.split(name));
    return {
      ...this.projections.init(random),
      distance: this.distance.init(random.split('distance')),
      contentBias: bias('contentBias'),
      distanceBias: bias('distanceBias'),
    };
  }

  /**
   * Blocks of queries, each with the keys before its end: key `keys - 1` of a block belongs to its last query.
   * @param blocks query [batch, heads, count, queries, headSize]; key and value [batch, heads, count, keys, headSize]
   * @param bias broadcasts to [batch, heads, count, queries, keys]; hides what must not be seen
   * @returns output [batch, heads, count, queries, headSize]
   */
  inBlocks(
    parameters: RelativeAttentionParameters<Tensor>,
    { query, key, value }: ByHead,
    bias: Tensor,
  ): Attended {
    const keys = key.shape[3] ?? 0;
    const { heads, headSize } = this.projections;
    const table = flip(distanceTable(keys, this.width), 0); // the furthest first
    const projected = withScope('distance', () => this.distance.apply(parameters.distance, table));
    const distances = reshape(transpose(reshape(projected, [keys, heads, headSize]), [1, 0, 2]), [
      heads,
      1,
      keys,
      headSize,
    ]);
    const asked = add(query, rowOf(parameters.distanceBias));
    const ofDistance = shiftToDiagonal(matmul(asked, distances, { transposeB: true, scale: this.scale }));
    const ofContent = add(query, rowOf(parameters.contentBias));
    return attend([{ query: ofContent, key, value, bias: add(ofDistance, bias) }], this.scale);
  }

  /**
   * One token, which looks at vectors that are not projected: its query goes through the weights of keys instead, and what
   * it finds through those of values. The same sums in another order, without a product for each vector looked at.
   * @param query [batch, heads, 1, headSize]
   * @param reach one more than the largest distance
   * @returns output [batch, heads, 1, headSize]; probabilities [batch, heads, count] of each source
   */
  one(
    parameters: RelativeAttentionParameters<Tensor>,
    query: Tensor,
    remembered: readonly Remembered[],
    reach: number,
  ): Attended {
    const { heads } = this.projections;
    const [batch = 1] = query.shape;
    const through = (asked: Tensor, weight: Tensor): Tensor =>
      reshape(matmul(asked, this.byHead(weight), { transposeB: true }), [batch, heads, this.width]);
    const ofContent = through(add(query, expandDims(parameters.contentBias, 1)), parameters.key.weight);
    const ofDistance = through(
      add(query, expandDims(parameters.distanceBias, 1)),
      parameters.distance.weight,
    );
    const table = distanceTable(reach, this.width);
    const scores = matmul(ofDistance, table, { transposeB: true, scale: this.scale }); // [batch, heads, reach]
    const sources = remembered.map(({ inputs, distances, bias }) => {
      const own = gather(scores, distances, 2);
      return { query: ofContent, key: inputs, value: inputs, bias: bias ? add(own, bias) : own };
    });
    const { output, probabilities } = attend(sources, this.scale); // [batch, heads, width]
    const found = matmul(expandDims(output, 2), this.byHead(parameters.value.weight));
    return { output: found, probabilities };
  }

  /** A weight [width, heads * headSize] as [heads, width, headSize]. */
  private byHead(weight: Tensor): Tensor {
    const { heads, headSize } = this.projections;
    return transpose(reshape(weight, [this.width, heads, headSize]), [1, 0, 2]);
  }
}

/** [heads, headSize] as it is added to queries in blocks: [heads, 1, 1, headSize]. */
function rowOf(bias: Tensor): Tensor {
  const [heads = 1, headSize = 1] = bias.shape;
  return reshape(bias, [heads, 1, 1, headSize]);
}

/** The vectors of distances 0, 1, ..., count - 1: [count, width]. */
function distanceTable(count: number, width: number): Tensor {
  const { sine, cosine } = anglesAt(0, count, { width, base: 10000 });
  return concat([sine, cosine], 1);
}

/**
 * From scores by distance, the furthest first, to scores by key: row r moves left by rows - 1 - r places. What comes in
 * from the right belongs to keys after the query, and means nothing. Source: the authors' code, `_rel_shift`.
 * @param scores [..., rows, columns]
 */
function shiftToDiagonal(scores: Tensor): Tensor {
  const { shape } = scores;
  const [rows = 1, columns = 1] = shape.slice(-2);
  const front = shape.slice(0, -2);
  const wider = pad(scores, [...shape.slice(0, -1).map(() => [0, 0]), [1, 0]]);
  const sheared = reshape(wider, [...front, columns + 1, rows]);
  return reshape(slice(sheared, -2, 1), shape);
}
