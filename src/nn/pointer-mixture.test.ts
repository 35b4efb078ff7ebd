// The mixture of a pointer-generator against plain loops in float64, and its gradients against their central differences.
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import { expectClose, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import { gradients } from '../engine/grad.js';
import { mul } from '../engine/ops/arithmetic.js';
import { sum } from '../engine/ops/reduce.js';
import { mixtureLogProbabilities, mixtureLosses } from './pointer-mixture.js';

const [batch, queries, sourceTime, vocabularySize] = [2, 3, 5, 7];
/** The token 4 stands twice in the first source, and nothing but padding behind two tokens of the second. */
const tokens = [4, 2, 4, 6, 1, 3, 5, 0, 0, 0];
/** Copied from two places, from one, from none; and from none, from one, from one. */
const targets = [4, 6, 5, 4, 3, 5];
const random = Random.fromSeed(8);
const floats = (count: number, scale = 1): number[] =>
  Array.from({ length: count }, () => scale * random.normal());

/** Attention that sums to 1 over the tokens of each source. */
const attention = [5, 2].flatMap((length) =>
  Array.from({ length: queries }, () => {
    const weights = floats(length).map(Math.exp);
    const total = weights.reduce((a, b) => a + b);
    return Array.from({ length: sourceTime }, (_, place) => (weights[place] ?? 0) / total);
  }).flat(),
);
const values = {
  logits: floats(batch * queries * vocabularySize, 2),
  gate: floats(batch * queries, 2),
  attention,
};
type Values = typeof values;

/** log P(w) for every token, row by row. */
function plainLogProbabilities({ logits, gate, attention }: Values): number[] {
  return gate.flatMap((g, row) => {
    const own = logits.slice(row * vocabularySize, (row + 1) * vocabularySize);
    const total = own.reduce((sum, logit) => sum + Math.exp(logit), 0);
    const generates = 1 / (1 + Math.exp(-g));
    return own.map((logit, token) => {
      let copied = 0;
      for (let place = 0; place < sourceTime; place++) {
        const there = tokens[Math.floor(row / queries) * sourceTime + place] === token;
        if (there) copied += attention[row * sourceTime + place] ?? 0;
      }
      return Math.log((generates * Math.exp(logit)) / total + (1 - generates) * copied);
    });
  });
}

function plainLosses(given: Values, labelSmoothing: number): number[] {
  const mixed = plainLogProbabilities(given);
  return targets.map((target, row) => {
    const own = given.logits.slice(row * vocabularySize, (row + 1) * vocabularySize);
    const normalizer = Math.log(own.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const even = own.reduce((sum, logit) => sum + normalizer - logit, 0) / vocabularySize;
    const wanted = -(mixed[row * vocabularySize + target] ?? 0);
    return (1 - labelSmoothing) * wanted + labelSmoothing * even;
  });
}

const tensor = (shape: readonly number[], data: readonly number[]): TensorData =>
  new TensorData('float32', shape, Float32Array.from(data));
const ids = (shape: readonly number[], data: readonly number[]): TensorData =>
  new TensorData('int32', shape, Int32Array.from(data));
const given = (own: Values) =>
  [
    tensor([batch, queries, vocabularySize], own.logits),
    tensor([batch, queries], own.gate),
    tensor([batch, queries, sourceTime], own.attention),
    ids([batch, sourceTime], tokens),
    ids([batch, queries], targets),
  ] as const;

describe.each(runtimes)('the mixture on $name', (runtime) => {
  it('has the probabilities of plain loops, which sum to 1', async () => {
    const { result } = await evaluateOnce(
      runtime,
      (logits: Tensor, gate: Tensor, attention: Tensor, tokens: Tensor) => ({
        result: mixtureLogProbabilities(logits, { gate, attention, tokens }),
      }),
      ...(given(values).slice(0, 4) as [TensorData, TensorData, TensorData, TensorData]),
    );
    expectClose(result, tensor([batch, queries, vocabularySize], plainLogProbabilities(values)));
    const total = Array.from(result.data, Number).reduce((sum, log) => sum + Math.exp(log), 0);
    expect(total).toBeCloseTo(batch * queries, 5);
  });

  it.each([0, 0.2])(
    'has the losses and gradients of plain loops, with label smoothing %d',
    async (smoothing) => {
      const cotangents = floats(batch * queries);
      const { losses, slopes } = await evaluateOnce(
        runtime,
        (
          logits: Tensor,
          gate: Tensor,
          attention: Tensor,
          tokens: Tensor,
          targets: Tensor,
          cotangent: Tensor,
        ) => {
          const losses = mixtureLosses(logits, targets, { gate, attention, tokens }, smoothing);
          return { losses, slopes: gradients(sum(mul(losses, cotangent)), { logits, gate, attention }) };
        },
        ...given(values),
        tensor([batch * queries], cotangents),
      );
      expectClose(losses, tensor([batch * queries], plainLosses(values, smoothing)));
      const weighted = (changed: Values): number =>
        plainLosses(changed, smoothing).reduce((total, loss, i) => total + loss * (cotangents[i] ?? 0), 0);
      for (const name of ['logits', 'gate', 'attention'] as const) {
        const expected = values[name].map((value, i) => {
          const moved = (by: number): number =>
            weighted({ ...values, [name]: values[name].with(i, value + by) });
          return (moved(1e-5) - moved(-1e-5)) / 2e-5;
        });
        expectClose(slopes[name], tensor(slopes[name].shape, expected), name, 1e-4);
      }
    },
  );

  it('stays finite where the gate is certain and the vocabulary excludes the target', async () => {
    const certain = {
      ...values,
      logits: values.logits.map((logit, i) => (i % vocabularySize === 4 ? -300 : logit)),
      gate: [200, -200, -200, 200, -200, 200],
    };
    const { losses, slopes } = await evaluateOnce(
      runtime,
      (logits: Tensor, gate: Tensor, attention: Tensor, tokens: Tensor, targets: Tensor) => {
        const losses = mixtureLosses(logits, targets, { gate, attention, tokens }, 0.1);
        return { losses, slopes: gradients(sum(losses), { logits, gate, attention }) };
      },
      ...given(certain),
    );
    for (const { data } of [losses, ...Object.values(slopes)])
      expect(Array.from(data, Number).every(Number.isFinite)).toBe(true);
    // Copied although the vocabulary has the last word (row 0), and written although only the source has (row 2).
    expect(losses.data[0]).toBeGreaterThan(100);
    expect(losses.data[2]).toBeGreaterThan(60);
    expect(losses.data[4]).toBeCloseTo(plainLosses(certain, 0.1)[4] ?? 0, 4);
  });
});
