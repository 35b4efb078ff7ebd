// Attention to what stands near, in blocks of queries that look at the keys around them: cost grows linearly with length,
// because no score outside of a block's surroundings is computed. Knows nothing of projections and caches.
// Source: Beltagy et al. 2020 (Longformer), sections 3.1 and 3.2.
import type { Tensor } from '../engine/graph.js';
import type { TensorLike } from '../engine/ops/constant.js';
import type { Source } from './attend.js';
import type { ByHead } from './head-projections.js';
import { isObserved } from '../engine/observe.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { and, greaterOrEqual, less, lessOrEqual } from '../engine/ops/comparison.js';
import { range } from '../engine/ops/constant.js';
import { expandDims, reshape, transpose } from '../engine/ops/layout.js';
import { slice } from '../engine/ops/slicing.js';
import { where } from '../engine/ops/where.js';
import { alibiBias } from './alibi.js';
import { attendByHead } from './attend.js';
import { padTime, spreadWindows, unfold } from './unfold.js';
import { maskBias } from './mask.js';

export interface LocalAttentionOptions {
  /** How many keys before its own a query sees. */
  readonly before: number;
  /** How many keys after its own a query sees. Default: 0. */
  readonly after?: number;
  /** How many keys from the first on are hidden; may be negative. A number, or an int32 scalar. Default: 0. */
  readonly missing?: TensorLike;
  /** Added to the scores of each key: [batch, 1, keys, 1]. */
  readonly keyBias?: Tensor | undefined;
  /** Scores fall in proportion to distance (see alibi.ts). Default: false. */
  readonly alibi?: boolean;
  /**
   * What all queries see besides, in the same softmax: query [batch, heads, time, headSize], key and value
   * [batch, keyValueHeads, keys, headSize]; the bias broadcasts to [batch, heads, time, keys].
   */
  readonly others?: readonly Source[];
  /** Factor of the scores. Default: 1 / sqrt(headSize). */
  readonly scale?: number | undefined;
}

export interface LocallyAttended {
  /** [batch, heads, time, headSize] */
  readonly output: Tensor;
  /**
   * Only while somebody observes: of the keys around, [batch, heads, time, before + time + after], zero outside of the
   * window; then of each other source, [batch, heads, time, keys].
   */
  readonly probabilities: readonly Tensor[];
}

/** How queries are cut, and what each block looks at. */
interface Blocks {
  /** Queries. */
  readonly time: number;
  /** Queries of a block. */
  readonly size: number;
  readonly count: number;
  readonly before: number;
  readonly after: number;
}

/** Blocks are no shorter, so that products stay large. */
const shortestBlock = 64;

/** Shorter blocks compute fewer scores that are hidden, longer ones copy fewer keys. */
function blocksFor(time: number, before: number, after: number): Blocks {
  const size = Math.min(time, Math.max(shortestBlock, Math.ceil((before + after) / 2)));
  return { time, size, count: Math.ceil(time / size), before, after };
}

/** Keys that a block looks at. */
function widthOf({ size, before, after }: Blocks): number {
  return before + size + after;
}

/**
 * @param segment query [batch, heads, time, headSize]; key and value [batch, keyValueHeads, before + time + after, headSize],
 *   where key `before + t` belongs to query t
 */
export function localAttention(
  { query, key, value }: ByHead,
  { before, after = 0, others = [], ...options }: LocalAttentionOptions,
): LocallyAttended {
  const [batch = 1, heads = 1, time = 1] = query.shape;
  const blocks = blocksFor(time, before, after);
  const cut = (x: Tensor): Tensor => cutQueries(x, blocks);
  const near = { query: cut(query), key: around(key, blocks), value: around(value, blocks) };
  const far = others.map((other) => ({
    query: cut(other.query),
    key: expandDims(other.key, 2),
    value: expandDims(other.value, 2),
    bias: other.bias && cutBias(other.bias, blocks),
  }));
  const { output, probabilities } = attendByHead(
    [{ ...near, bias: biasOf(blocks, heads, options) }, ...far],
    options.scale,
  );
  const joined = (x: Tensor): Tensor =>
    slice(reshape(x, [batch, heads, blocks.count * blocks.size, x.shape.at(-1) ?? 1]), 2, 0, time);
  const [nearby, ...distant] = isObserved() ? probabilities : [];
  const seen = nearby && slice(joined(spreadWindows(nearby, blocks.size)), 3, 0, before + time + after);
  return { output: joined(output), probabilities: seen ? [seen, ...distant.map(joined)] : [] };
}

/** [batch, heads, time, size] to [batch, heads, count, block, size] */
function cutQueries(x: Tensor, { size, count }: Blocks): Tensor {
  const [batch = 1, heads = 1, , last = 1] = x.shape;
  return reshape(padTime(x, count * size), [batch, heads, count, size, last]);
}

/** [heads or 1, time or 1, keys], batch in front or not, to [batch or 1, heads or 1, count or 1, block or 1, keys]. */
function cutBias(bias: Tensor, blocks: Blocks): Tensor {
  const batched = bias.shape.length === 4 ? bias : expandDims(bias, 0);
  return batched.shape[2] === 1 ? expandDims(batched, 2) : cutQueries(batched, blocks);
}

/** What each block looks at: [batch, heads, keys, size] to [batch, heads, count, width, size]. */
function around(x: Tensor, blocks: Blocks): Tensor {
  return unfold(x, { width: widthOf(blocks), stride: blocks.size, count: blocks.count });
}

/** What is added to the scores of the keys around: broadcasts to [batch, heads, count, block, width]. */
function biasOf(
  blocks: Blocks,
  heads: number,
  { missing = 0, keyBias, alibi = false }: Omit<LocalAttentionOptions, 'before'>,
): Tensor {
  const { size, count, before, after, time } = blocks;
  const width = widthOf(blocks);
  const offsets = sub(range(width), expandDims(add(range(size), before), 1)); // [block, width]
  const isNear = and(greaterOrEqual(offsets, -before), lessOrEqual(offsets, after));
  const index = add(expandDims(range(width), 0), reshape(mul(range(count), size), [count, 1, 1])); // [count, 1, width]
  const isThere = missing === 0 ? isNear : and(isNear, greaterOrEqual(index, missing));
  const biases = [where(isThere, 0, -Infinity)];
  if (after > 0) biases.push(maskBias(less(index, before + time)));
  if (alibi) biases.push(expandDims(alibiBias(offsets, heads), 1));
  if (keyBias !== undefined) biases.push(transpose(around(keyBias, blocks), [0, 1, 2, 4, 3]));
  return biases.reduce((a, b) => add(a, b));
}
