// Self-attention in both directions at linear cost: each position sees its neighbours, and a few global positions see all and
// are seen by all. Knows no cache; the causal form is memory/longformer.ts. Source: Beltagy et al. 2020 (Longformer), section 3.1.
import type { Random } from '../core/random.js';
import type { Tensor } from '../engine/graph.js';
import type {
  ByHead,
  HeadProjectionParameters,
  HeadProjectionsOptions,
  InputProjectionParameters,
} from './head-projections.js';
import { ConfigError, ShapeError } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { withScope } from '../engine/graph.js';
import { observe } from '../engine/observe.js';
import { and, greater, not } from '../engine/ops/comparison.js';
import { oneHot } from '../engine/ops/indexing.js';
import { reshape } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { max } from '../engine/ops/reduce.js';
import { pad } from '../engine/ops/slicing.js';
import { where } from '../engine/ops/where.js';
import { attendByHead } from './attend.js';
import { HeadProjections } from './head-projections.js';
import { badInput, requireAxes, requireWidth } from './layer.js';
import { localAttention } from './local-attention.js';
import { maskBias } from './mask.js';

export interface LongformerSelfAttentionOptions extends Omit<
  HeadProjectionsOptions,
  'name' | 'keyValueHeads'
> {
  /** Neighbours that a position sees, half of them on each side. Even. */
  readonly window: number;
}

export interface LongformerSelfAttentionParameters<T> extends HeadProjectionParameters<T> {
  /** Projections with which global positions look at all others. */
  readonly global: InputProjectionParameters<T>;
}

/** What stands where in a batch of sequences. */
export interface LongformerMasks {
  /** bool [batch, time], true where there is a token; without it there is one everywhere. */
  readonly mask?: Tensor | undefined;
  /** int32 [batch, count]: positions of global tokens; negative ones are none. See `globalPositions`. Without it none is global. */
  readonly global?: Tensor | undefined;
}

/**
 * A position sees window / 2 neighbours on each side, itself, and the global positions, in one softmax. A global position
 * sees all positions instead, with queries, keys and values of its own; others see it with the ordinary ones, as in the
 * authors' code.
 */
export class LongformerSelfAttention {
  readonly width: number;
  readonly window: number;
  private readonly projections: HeadProjections;

  /** @throws {ConfigError} when the window is odd or empty, or heads do not divide the width */
  constructor({ window, ...options }: LongformerSelfAttentionOptions) {
    if (!(Number.isInteger(window / 2) && window > 0)) {
      throw new ConfigError(
        `longformer: window is ${window}; it must be an even number above 0, half of it for each side.`,
        { fields: { window } },
      );
    }
    this.width = options.width;
    this.window = window;
    this.projections = new HeadProjections({ name: 'longformer', ...options });
  }

  init(random: Random): LongformerSelfAttentionParameters<TensorData> {
    const { query, key, value } = this.projections.init(random.split('global'));
    return { ...this.projections.init(random), global: { query, key, value } };
  }

  /**
   * @param x [batch, time, width]
   * @returns [batch, time, width]; what stands at padding means nothing
   * @throws {ShapeError} when a mask does not belong to `x`
   */
  apply(
    parameters: LongformerSelfAttentionParameters<Tensor>,
    x: Tensor,
    { mask, global }: LongformerMasks = {},
  ): Tensor {
    const name = `LongformerSelfAttention(${this.width}, ${this.projections.heads} heads, window ${this.window})`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.width);
    requireMasks(name, x, { mask, global });
    const [batch = 0, time = 0] = x.shape;
    const projected = this.projections.all(parameters, x);
    // One row for each global token, all zeros for one that is not there.
    const places = global && oneHot(global, time); // [batch, count, time]
    const isGlobal = places && greater(max(places, 1), 0); // [batch, time]
    const local = this.attendLocally(projected, places, isGlobal, mask);
    if (global === undefined || places === undefined || isGlobal === undefined)
      return this.projections.output(parameters, local);
    const found = this.attendGlobally(parameters.global, x, places, mask); // [batch, heads, count, headSize]
    const placed = matmul(reshape(places, [batch, 1, global.shape[1] ?? 0, time]), found, {
      transposeA: true,
    });
    const attended = where(reshape(isGlobal, [batch, 1, time, 1]), placed, local);
    return this.projections.output(parameters, attended);
  }

  /** Neighbours and global positions, as every position sees them. */
  private attendLocally(
    { query, key, value }: ByHead,
    places: Tensor | undefined,
    isGlobal: Tensor | undefined,
    mask: Tensor | undefined,
  ): Tensor {
    const [batch = 0, , time = 0] = query.shape;
    const side = this.window / 2;
    const isNear = isGlobal && mask ? and(mask, not(isGlobal)) : (mask ?? (isGlobal && not(isGlobal)));
    const around = (tensor: Tensor): Tensor => pad(tensor, [[0, 0], [0, 0], [side, side], [0, 0]]); // prettier-ignore
    const keyBias = isNear && around(reshape(maskBias(isNear), [batch, 1, time, 1]));
    const chosen = places && reshape(places, [batch, 1, places.shape[1] ?? 0, time]);
    const others = chosen && {
      query,
      key: matmul(chosen, key), // [batch, heads, count, headSize]
      value: matmul(chosen, value),
      bias: reshape(maskBias(greater(max(chosen, 3), 0)), [batch, 1, 1, places.shape[1] ?? 0]),
    };
    const { output, probabilities } = localAttention(
      { query, key: around(key), value: around(value) },
      { before: side, after: side, missing: side, keyBias, others: others ? [others] : [] },
    );
    const [near, far] = probabilities;
    if (near !== undefined) observe('probabilities', near);
    if (far !== undefined) observe('towardsGlobalProbabilities', far);
    return output;
  }

  /** What global positions see: all positions. */
  private attendGlobally(
    parameters: InputProjectionParameters<Tensor>,
    x: Tensor,
    places: Tensor,
    mask: Tensor | undefined,
  ): Tensor {
    const [batch = 0, time = 0] = x.shape;
    return withScope('global', () => {
      const source = {
        query: this.projections.part(parameters, 'query', matmul(places, x)),
        key: this.projections.part(parameters, 'key', x),
        value: this.projections.part(parameters, 'value', x),
        bias: mask && reshape(maskBias(mask), [batch, 1, 1, time]),
      };
      const { output, probabilities } = attendByHead([source]);
      for (const part of probabilities) observe('probabilities', part);
      return output;
    });
  }
}

function requireMasks(name: string, x: Tensor, { mask, global }: LongformerMasks): void {
  const [batch, time] = x.shape;
  if (mask && (mask.dtype !== 'bool' || String(mask.shape) !== String([batch, time])))
    throw badInput(name, mask, `the mask must be bool[${batch}, ${time}], true where there is a token`);
  if (global && (global.dtype !== 'int32' || global.shape.length !== 2 || global.shape[0] !== batch))
    throw badInput(
      name,
      global,
      `global must be int32[${batch}, count]: positions, negative where there is none`,
    );
}

/**
 * Positions from a mask, for `LongformerMasks`.
 * @param mask bool [batch, time], true where a token is global
 * @param count how many positions there is room for; default: as many as any sequence has, and at least one
 * @returns int32 [batch, count]; -1 fills up
 * @throws {ShapeError} when a sequence has more global tokens than `count`
 */
export function globalPositions(mask: TensorData, count?: number): TensorData {
  const [batch = 0, time = 0] = mask.shape;
  const rows = Array.from({ length: batch }, (_, row) =>
    Array.from({ length: time }, (_, position) => position).filter(
      (position) => mask.data[row * time + position],
    ),
  );
  const most = Math.max(1, ...rows.map((positions) => positions.length));
  const room = count ?? most;
  if (most > room) {
    throw new ShapeError(
      `globalPositions: a sequence has ${most} global tokens and there is room for ${room}; mark fewer or raise count.`,
      { fields: { most, count: room } },
    );
  }
  const data = new Int32Array(batch * room).fill(-1);
  rows.forEach((positions, row) => data.set(positions, row * room));
  return new TensorData('int32', [batch, room], data);
}
