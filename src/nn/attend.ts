// One softmax over the keys of one or several sources, with a gradient that keeps only the probabilities. Knows nothing of projections, caches or positions.
import type { Tensor } from '../engine/graph.js';
import { customGradient } from '../engine/custom-gradient.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { unbroadcast } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { sum } from '../engine/ops/reduce.js';
import { concat, split } from '../engine/ops/slicing.js';
import { softmax } from '../engine/ops/softmax.js';
import { joinGroups, joinGroupsOfBias, splitGroups } from './grouped-heads.js';

/** Keys and values of one origin, such as a cache, with the queries that look for them. */
export interface Source {
  /** [..., queries, headSize] */
  readonly query: Tensor;
  /** [..., keys, headSize] */
  readonly key: Tensor;
  /** [..., keys, valueSize] */
  readonly value: Tensor;
  /** Added to the scores; broadcasts to [..., queries, keys]. */
  readonly bias?: Tensor | undefined;
}

export interface Attended {
  /** [..., queries, valueSize] */
  readonly output: Tensor;
  /** Of each source, [..., queries, keys]; over all sources they sum to 1. */
  readonly probabilities: readonly Tensor[];
}

/** A source with its share of the probabilities. */
interface Weighted extends Source {
  readonly probabilities: Tensor;
}

/** scale q k^T + bias: [..., queries, keys]. */
export function attentionScores({ query, key, bias }: Omit<Source, 'value'>, scale: number): Tensor {
  const products = matmul(query, key, { transposeB: true, scale });
  return bias === undefined ? products : add(products, bias);
}

/**
 * softmax([scale q1 k1^T + b1; scale q2 k2^T + b2; ...]) [v1; v2; ...], without joining keys and values.
 *
 * With P the probabilities and o the output: dS = P (dP - sum(do o)), where sum(do o) equals sum(dP P) and is taken over
 * the smaller tensor. Source of the identity: Dao et al. 2022 (FlashAttention), appendix B.2.
 * @param sources at least one; the shapes of their queries are equal
 */
export function attend(sources: readonly Source[], scale: number): Attended {
  const scores = sources.map((source) => attentionScores(source, scale));
  const probabilities = split(
    softmax(concat(scores)),
    scores.map(({ shape }) => shape.at(-1) ?? 0),
  );
  const weighted = sources.map((source, i) => ({
    ...source,
    probabilities: probabilities[i] ?? source.query,
  }));
  const weigh = customGradient(
    () => weighted.map((source) => matmul(source.probabilities, source.value)).reduce((a, b) => add(a, b)),
    (g, tensors: readonly Tensor[], output) => {
      const shift = sum(mul(g, output), -1, { keepDims: true }); // [..., queries, 1]
      return fromTensors(tensors, sources).flatMap((source) => cotangentsOf(source, g, shift, scale));
    },
  );
  return { output: weigh(...weighted.flatMap(tensorsOf)), probabilities };
}

/**
 * Attention by head, where groups of query heads may share a head of keys and values.
 * @param sources query [batch, heads, ..., queries, headSize], key and value [batch, keyValueHeads, ..., keys, headSize];
 *   the bias broadcasts to [batch, heads, ..., queries, keys]
 * @param scale default: 1 / sqrt(headSize)
 * @returns output [batch, heads, ..., queries, headSize], probabilities [batch, heads, ..., queries, keys]
 */
export function attendByHead(sources: readonly Source[], scale?: number): Attended {
  const [{ query, key }] = sources as readonly [Source];
  const [[, heads = 1], [, groups = 1]] = [query.shape, key.shape];
  const joined = sources.map((source) => ({
    ...source,
    query: joinGroups(source.query, groups),
    bias: source.bias && joinGroupsOfBias(source.bias, source.query.shape, groups),
  }));
  const { output, probabilities } = attend(joined, scale ?? 1 / Math.sqrt(query.shape.at(-1) ?? 1));
  return {
    output: splitGroups(output, heads),
    probabilities: probabilities.map((part) => splitGroups(part, heads)),
  };
}

/** What the output depends on, in the order of `cotangentsOf`. */
function tensorsOf({ query, key, value, probabilities, bias }: Weighted): Tensor[] {
  return [query, key, value, probabilities, ...(bias ? [bias] : [])];
}

/** The other way round. @param like says which sources have a bias */
function fromTensors(tensors: readonly Tensor[], like: readonly Source[]): Weighted[] {
  let start = 0;
  return like.map(({ bias: biased }) => {
    const [query, key, value, probabilities, bias] = tensors.slice(start, (start += biased ? 5 : 4));
    return { query, key, value, probabilities, bias } as Weighted;
  });
}

/** The probabilities have none: theirs has gone to what they are made of. */
function cotangentsOf(
  { query, key, value, probabilities, bias }: Weighted,
  g: Tensor,
  shift: Tensor,
  scale: number,
): (Tensor | undefined)[] {
  const ofScores = mul(probabilities, sub(matmul(g, value, { transposeB: true }), shift));
  return [
    unbroadcast(matmul(ofScores, key, { scale }), query.shape),
    unbroadcast(matmul(ofScores, query, { transposeA: true, scale }), key.shape),
    unbroadcast(matmul(probabilities, g, { transposeA: true }), value.shape),
    undefined,
    ...(bias ? [unbroadcast(ofScores, bias.shape)] : []),
  ];
}
