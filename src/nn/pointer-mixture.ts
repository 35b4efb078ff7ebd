// The distribution of a pointer-generator: some of the probability for the vocabulary, the rest for tokens of the source. Knows no network.
import type { Tensor } from '../engine/graph.js';
import { add, logAddExp, maximum, mul, sub } from '../engine/ops/arithmetic.js';
import { scatterAddAlongAxis } from '../engine/ops/along-axis.js';
import { equal } from '../engine/ops/comparison.js';
import { crossEntropyRows } from '../engine/ops/cross-entropy.js';
import { broadcastTo, expandDims, reshape } from '../engine/ops/layout.js';
import { rowsOf } from '../engine/ops/matmul.js';
import { sum } from '../engine/ops/reduce.js';
import { softmax } from '../engine/ops/softmax.js';
import { log, neg, sigmoid, softplus } from '../engine/ops/unary.js';
import { where } from '../engine/ops/where.js';
import { smoothingTerm } from './cross-entropy.js';

/**
 * Where `queries` places look at in their source, and how much they take from the vocabulary instead:
 * P(w) = p_gen P_vocab(w) + (1 - p_gen) sum of a_i over the places i where w stands in the source.
 * Source: See et al. 2017, section 2.2, equation 9; one vocabulary of subwords knows all tokens, so it needs no extension.
 */
export interface Pointer {
  /** The logit of p_gen: [batch, queries] */
  readonly gate: Tensor;
  /** [batch, queries, sourceTime], summing to 1 over the source */
  readonly attention: Tensor;
  /** int32 [batch, sourceTime], of the same vocabulary */
  readonly tokens: Tensor;
}

/** Keeps logarithms finite where nothing is likely; an ordinary float32 number. */
const smallest = 1e-37;

/**
 * log P of every token.
 * @param logits of P_vocab: [..., vocabularySize], one row for each query
 * @returns the shape of the logits
 */
export function mixtureLogProbabilities(logits: Tensor, { gate, attention, tokens }: Pointer): Tensor {
  const own = reshape(logits, [...gate.shape, -1]); // [batch, queries, vocabularySize]
  const generated = mul(softmax(own), expandDims(sigmoid(gate), -1));
  const copied = mul(attention, expandDims(sigmoid(neg(gate)), -1));
  const places = broadcastTo(expandDims(tokens, 1), attention.shape);
  const mixed = scatterAddAlongAxis(generated, places, copied);
  return reshape(log(maximum(mixed, smallest)), logits.shape);
}

/**
 * -log P(target) of each target, computed from its two parts: nothing is scattered onto the vocabulary, and no part has to be
 * an ordinary float32 number. Label smoothing s leaves 1 - s of the wanted probability to the target, and wants s evenly of P_vocab
 * alone: the source has nothing to say of tokens that do not stand in it.
 * @param logits of P_vocab: [batch, queries, vocabularySize]
 * @param targets int32 [batch, queries]; of one that is no token the result has no meaning
 * @returns [batch * queries]
 */
export function mixtureLosses(
  logits: Tensor,
  targets: Tensor,
  { gate, attention, tokens }: Pointer,
  labelSmoothing: number,
): Tensor {
  const wanted = reshape(targets, [-1]);
  const ofVocabulary = crossEntropyRows(rowsOf(logits), wanted);
  const gates = reshape(gate, [-1]);
  const isThere = equal(expandDims(targets, -1), expandDims(tokens, 1)); // [batch, queries, sourceTime]
  const copied = reshape(sum(where(isThere, attention, 0), -1), [-1]);
  const logGenerated = neg(add(softplus(neg(gates)), ofVocabulary));
  const logCopied = sub(log(maximum(copied, smallest)), softplus(gates));
  const losses = neg(logAddExp(logGenerated, logCopied));
  if (labelSmoothing === 0) return losses;
  const even = add(ofVocabulary, smoothingTerm(rowsOf(logits), wanted));
  return add(mul(losses, 1 - labelSmoothing), mul(even, labelSmoothing));
}
