import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor } from './graph.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from './compile.js';
import { checkpoint, customGradient } from './custom-gradient.js';
import { gradients } from './grad.js';
import { nodesOf } from './graph.js';
import { add, minimum, mul } from './ops/arithmetic.js';
import { placeholder } from './ops/constant.js';
import { stopGradient } from './ops/identity.js';
import { matmul } from './ops/matmul.js';
import { sum } from './ops/reduce.js';
import { exp, tanh } from './ops/unary.js';
import { optimize } from './optimize.js';
import { NodeRuntime } from './runtime/node.js';

const runtime = new NodeRuntime();
afterAll(() => runtime.dispose());

const random = Random.fromSeed(2);
const normal = (...shape: number[]): TensorData =>
  new TensorData(
    'float32',
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
  );

const [x, w, v] = [normal(3, 4), normal(4, 4), normal(4, 4)];

/** Two layers; what is computed in between is worth forgetting. */
function layers(input: Tensor, first: Tensor, second: Tensor): Tensor {
  return tanh(matmul(tanh(matmul(input, first)), second));
}

function lossAndGradients(f: (input: Tensor, first: Tensor, second: Tensor) => Tensor) {
  return (input: Tensor, first: Tensor, second: Tensor) => {
    const y = f(input, first, second);
    const loss = sum(mul(y, y));
    return { loss, gradient: gradients(loss, [input, first, second]) };
  };
}

/** How often a graph computes tanh. */
function tanhCount(f: typeof layers): number {
  const inputs = [x, w, v].map((value, i) => placeholder(value, `x${i}`));
  const { loss, gradient } = lossAndGradients(f)(...(inputs as [Tensor, Tensor, Tensor]));
  const graph = optimize({ inputs, outputs: [loss, ...gradient] });
  return nodesOf(graph).filter((node) => node.op.name === 'tanh').length;
}

describe('checkpoint', () => {
  const recomputed = (input: Tensor, first: Tensor, second: Tensor): Tensor =>
    checkpoint((own: Tensor) => layers(own, first, second))(input);

  it('gives the same values and gradients, of captured weights too', async () => {
    const [kept, again] = [
      await evaluateOnce(runtime, lossAndGradients(layers), x, w, v),
      await evaluateOnce(runtime, lossAndGradients(recomputed), x, w, v),
    ];
    expect(again.loss.data).toEqual(kept.loss.data);
    again.gradient.forEach((gradient, i) =>
      gradient.data.forEach((value: number, k: number) =>
        expect(value).toBeCloseTo(kept.gradient[i]?.data[k] ?? NaN, 5),
      ),
    );
  });

  it('computes the activations again in the backward pass instead of keeping them', () => {
    expect(tanhCount(layers)).toBe(2);
    expect(tanhCount(recomputed)).toBe(4);
  });
});

describe('customGradient', () => {
  it('uses the given rule in the place of the derived one', async () => {
    const bounded = customGradient(
      (a: Tensor) => exp(a),
      (g, [a], y) => [add(minimum(mul(g, y), 1), mul(a, 0))],
    );
    const input = new TensorData('float32', [3], Float32Array.of(-1, 0, 2));
    const result = await evaluateOnce(
      runtime,
      (a) => {
        const y = bounded(a);
        return { y, gradient: gradients(sum(y), a) };
      },
      input,
    );
    expect(result.y.data[2]).toBeCloseTo(Math.exp(2), 5);
    expect([...result.gradient.data].map((value) => Number(value.toFixed(5)))).toEqual([0.36788, 1, 1]);
  });

  it('stops gradients where it is told to', async () => {
    const gradient = await evaluateOnce(runtime, (a) => gradients(sum(mul(a, stopGradient(a))), a), x);
    expect([...gradient.data]).toEqual([...x.data]);
  });
});
