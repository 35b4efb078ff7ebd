// Longformer in both directions against its naive form: full attention over masked scores.
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import type { LongformerMasks, LongformerSelfAttentionParameters } from './longformer-self-attention.js';
import { expectClose } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { flattenTree, unflattenLike } from '../core/tree.js';
import { evaluateOnce } from '../engine/compile.js';
import { gradients } from '../engine/grad.js';
import { observing } from '../engine/observe.js';
import { mul } from '../engine/ops/arithmetic.js';
import { sum } from '../engine/ops/reduce.js';
import { concat, slice } from '../engine/ops/slicing.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { joinHeads, splitHeads } from './heads.js';
import { initialize } from './initializers.js';
import { Linear } from './linear.js';
import { globalPositions, LongformerSelfAttention } from './longformer-self-attention.js';
import { scaledDotProductAttention } from './scaled-dot-product-attention.js';
import { reshape } from '../engine/ops/layout.js';
import { constant } from '../engine/ops/constant.js';
import { where } from '../engine/ops/where.js';

const runtime = new NodeRuntime({ threads: 1 });
const [batch, time, width, heads] = [2, 150, 8, 2];
const bools = (shape: number[], f: (i: number) => boolean): TensorData =>
  new TensorData(
    'bool',
    shape,
    Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => +f(i)),
  );

const linear = new Linear({ inputSize: width, outputSize: width });

/** Every query against every key, with what must not be seen hidden. */
function naive(
  parameters: LongformerSelfAttentionParameters<Tensor>,
  x: Tensor,
  window: number,
  mask: TensorData,
  isGlobal: TensorData,
): Tensor {
  const project = (part: Parameters<Linear['apply']>[0]): Tensor => splitHeads(linear.apply(part, x), heads);
  const sees = bools([batch, 1, time, time], (i) => {
    const [b, row, column] = [Math.floor(i / time / time), Math.floor(i / time) % time, i % time];
    const isNear = Math.abs(row - column) <= window / 2;
    return mask.data[b * time + column] === 1 && (isNear || isGlobal.data[b * time + column] === 1);
  });
  const all = bools([batch, 1, 1, time], (i) => mask.data[i] === 1);
  const attend = (from: Pick<typeof parameters, 'query' | 'key' | 'value'>, seen: TensorData): Tensor =>
    scaledDotProductAttention(project(from.query), project(from.key), project(from.value), {
      bias: where(constant(seen), 0, -1e9),
    });
  const rows = reshape(constant(isGlobal), [batch, 1, time, 1]);
  return linear.apply(
    parameters.output,
    joinHeads(where(rows, attend(parameters.global, all), attend(parameters, sees))),
  );
}

const x = initialize({ normal: 1 }, [batch, time, width], Random.fromSeed(3));

describe('Longformer self-attention', () => {
  const cases = [
    { title: 'neighbours alone', window: 6, globals: [], lengths: [time, time] },
    { title: 'global tokens', window: 10, globals: [0, 77, time + 149], lengths: [time, time] },
    { title: 'padding', window: 8, globals: [0, time, time + 3], lengths: [time, 101] },
    { title: 'a window wider than the text', window: 400, globals: [5], lengths: [time, time] },
  ];
  it.each(cases)('has the values and gradients of masked full attention with $title', async (given) => {
    const layer = new LongformerSelfAttention({ width, heads, window: given.window });
    const parameters = layer.init(Random.fromSeed(4));
    const mask = bools([batch, time], (i) => i % time < (given.lengths[Math.floor(i / time)] ?? 0));
    const isGlobal = bools([batch, time], (i) => (given.globals as number[]).includes(i));
    const weights = initialize({ normal: 1 }, [batch, time, width], Random.fromSeed(5));
    const differentiated = (f: (p: LongformerSelfAttentionParameters<Tensor>, x: Tensor) => Tensor) =>
      evaluateOnce(
        runtime,
        (x: Tensor, weights: Tensor, ...leaves: Tensor[]) => {
          const own = unflattenLike<typeof parameters, TensorData, Tensor>(
            parameters,
            leaves,
          ) as LongformerSelfAttentionParameters<Tensor>;
          const output = where(reshape(constant(mask), [batch, time, 1]), f(own, x), 0);
          return { output, gradient: gradients(sum(mul(output, weights)), { x, own }) };
        },
        x,
        weights,
        ...flattenTree<TensorData>(parameters as never).values(),
      );
    const masks: LongformerMasks = {
      mask: constant(mask),
      ...(given.globals.length > 0 && { global: constant(globalPositions(isGlobal, 3)) }),
    };
    const fast = flattenTree<TensorData>((await differentiated((p, x) => layer.apply(p, x, masks))) as never);
    const slow = flattenTree<TensorData>(
      (await differentiated((p, x) => naive(p, x, given.window, mask, isGlobal))) as never,
    );
    for (const [path, expected] of slow) expectClose(fast.get(path) as TensorData, expected, path);
  });

  it('shows probabilities that sum to 1 over neighbours and global tokens', async () => {
    const layer = new LongformerSelfAttention({ width, heads, window: 6 });
    const parameters = layer.init(Random.fromSeed(1));
    const sums = await evaluateOnce(
      runtime,
      (x: Tensor, ...leaves: Tensor[]) => {
        const global = constant(new TensorData('int32', [batch, 1], Int32Array.of(0, 7)));
        const own = unflattenLike<typeof parameters, TensorData, Tensor>(parameters, leaves);
        const { observed } = observing(() =>
          layer.apply(own as LongformerSelfAttentionParameters<Tensor>, x, { global }),
        );
        const names = ['probabilities', 'towardsGlobalProbabilities', 'global.probabilities'];
        expect([...observed.keys()]).toEqual(names);
        const towardsAll = concat(names.slice(0, 2).map((name) => observed.get(name) ?? x));
        return sum(slice(towardsAll, 2, 20), 3); // Behind both global tokens, whose own rows mean nothing.
      },
      x,
      ...flattenTree<TensorData>(parameters as never).values(),
    );
    expect(sums.shape).toEqual([batch, heads, time - 20]);
    for (const total of sums.data) expect(total).toBeCloseTo(1, 5);
  });

  it('refuses windows without two sides, masks that do not fit and too many global tokens', () => {
    expect(() => new LongformerSelfAttention({ width, heads, window: 3 })).toThrow(
      /window is 3; it must be an even/,
    );
    expect(() => new LongformerSelfAttention({ width, heads, window: 0 })).toThrow(/window is 0/);
    expect(() => new LongformerSelfAttention({ width, heads: 3, window: 2 })).toThrow(/multiple of heads 3/);
    expect(() =>
      globalPositions(
        bools([1, 4], () => true),
        3,
      ),
    ).toThrow(/4 global tokens and there is room for 3/);
  });
});
