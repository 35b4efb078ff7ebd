// Query heads that share a head of keys and values become further rows of queries, so that one product serves the whole group.
// Knows nothing of attention. Source: Ainslie et al. 2023 (grouped-query attention).
import type { Tensor } from '../engine/graph.js';
import { broadcastTo, reshape, transpose } from '../engine/ops/layout.js';

/**
 * Query head h belongs to group floor(h * groups / heads).
 * @param x [batch, heads, ..., rows, columns]
 * @returns [batch, groups, ..., heads / groups * rows, columns]
 */
export function joinGroups(x: Tensor, groups: number): Tensor {
  const [batch = 1, heads = 1] = x.shape;
  if (heads === groups) return x;
  const [between, [rows = 1, columns = 1]] = [x.shape.slice(2, -2), x.shape.slice(-2)];
  const perGroup = heads / groups;
  const apart = reshape(x, [batch, groups, perGroup, ...between, rows, columns]);
  const axes = between.map((_, i) => i + 3);
  const beside = transpose(apart, [0, 1, ...axes, 2, between.length + 3, between.length + 4]);
  return reshape(beside, [batch, groups, ...between, perGroup * rows, columns]);
}

/** The other way round: [batch, groups, ..., heads / groups * rows, columns] to [batch, heads, ..., rows, columns]. */
export function splitGroups(x: Tensor, heads: number): Tensor {
  const [batch = 1, groups = 1] = x.shape;
  if (heads === groups) return x;
  const [between, [rows = 1, columns = 1]] = [x.shape.slice(2, -2), x.shape.slice(-2)];
  const perGroup = heads / groups;
  const apart = reshape(x, [batch, groups, ...between, perGroup, rows / perGroup, columns]);
  const axes = between.map((_, i) => i + 2);
  const first = transpose(apart, [0, 1, between.length + 2, ...axes, between.length + 3, between.length + 4]);
  return reshape(first, [batch, heads, ...between, rows / perGroup, columns]);
}

/**
 * A bias of scores for queries whose groups are joined.
 * @param bias broadcasts to [batch, heads, ..., rows, keys]
 * @param shape [batch, heads, ..., rows, headSize] of the queries
 * @returns broadcasts to [batch, groups, ..., heads / groups * rows, keys]
 */
export function joinGroupsOfBias(bias: Tensor, shape: readonly number[], groups: number): Tensor {
  const [heads = 1, rows = 1] = [shape[1], shape.at(-2)];
  if (heads === groups) return bias;
  const full = [...shape.map(() => 1), ...bias.shape].slice(-shape.length);
  full[1] = heads;
  full[full.length - 2] = rows;
  return joinGroups(broadcastTo(bias, full), groups);
}
