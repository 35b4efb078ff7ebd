import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../graph.js';
import { Random } from '../../core/random.js';
import { TensorData } from '../../core/tensor-data.js';
import { evaluateOnce } from '../compile.js';
import { lower } from '../onnx/lower.js';
import { gradients } from '../grad.js';
import { nodesOf } from '../graph.js';
import { optimize } from '../optimize.js';
import { NodeRuntime } from '../runtime/node.js';
import { ReferenceRuntime } from '../runtime/reference-runtime.js';
import { placeholder } from './constant.js';
import { add, mul } from './arithmetic.js';
import { matmul } from './matmul.js';
import { mean, sum } from './reduce.js';
import { scan } from './scan.js';
import { select, stack } from './slicing.js';
import { sigmoid, tanh } from './unary.js';

const runtime = new NodeRuntime();
const reference = new ReferenceRuntime();
afterAll(() => runtime.dispose());

const random = Random.fromSeed(3);
function normal(...shape: number[]): TensorData {
  const length = shape.reduce((a, b) => a * b, 1);
  return new TensorData(
    'float32',
    shape,
    Float32Array.from({ length }, () => random.normal() * 0.5),
  );
}

interface Weights {
  readonly hidden: Tensor;
  readonly gate: Tensor;
  readonly bias: Tensor;
}

/** A small gated recurrence that uses its weights in several ways. */
function cell(w: Weights, h: Tensor, x: Tensor): Tensor {
  const gate = sigmoid(add(matmul(h, w.gate), w.bias));
  return add(mul(gate, tanh(add(matmul(h, w.hidden), x))), mul(h, w.bias));
}

const length = 5;
const shapes = {
  h: normal(2, 3),
  xs: normal(length, 2, 3),
  hidden: normal(3, 3),
  gate: normal(3, 3),
  bias: normal(3),
};
const args = [shapes.h, shapes.xs, shapes.hidden, shapes.gate, shapes.bias] as const;

function results(last: Tensor, ys: Tensor, sources: readonly Tensor[]): readonly Tensor[] {
  const loss = add(sum(mul(ys, ys)), mean(mul(last, tanh(last))));
  return [last, ys, ...gradients(loss, sources)];
}

function looped(reverse: boolean) {
  return (h: Tensor, xs: Tensor, hidden: Tensor, gate: Tensor, bias: Tensor): readonly Tensor[] => {
    const step = (carry: Tensor, x: Tensor) => {
      const next = cell({ hidden, gate, bias }, carry, x);
      return { carry: next, y: next };
    };
    const { carry, ys } = scan(step, h, xs, { reverse });
    return results(carry, ys, [h, xs, hidden, gate, bias]);
  };
}

function unrolled(reverse: boolean) {
  return (h: Tensor, xs: Tensor, hidden: Tensor, gate: Tensor, bias: Tensor): readonly Tensor[] => {
    const ys: Tensor[] = [];
    let carry = h;
    for (let step = 0; step < length; step++) {
      carry = cell({ hidden, gate, bias }, carry, select(xs, 0, reverse ? length - 1 - step : step));
      ys.push(carry);
    }
    return results(carry, stack(reverse ? ys.toReversed() : ys), [h, xs, hidden, gate, bias]);
  };
}

function expectClose(actual: readonly TensorData[], expected: readonly TensorData[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((tensor, i) => {
    expect(tensor.shape).toEqual(expected[i]?.shape);
    tensor.data.forEach((value: number, k: number) => {
      const wanted = expected[i]?.data[k] ?? NaN;
      expect(Math.abs(value - wanted)).toBeLessThan(1e-5 * (1 + Math.abs(wanted)));
    });
  });
}

describe('scan', () => {
  for (const reverse of [false, true]) {
    it(`equals the unrolled loop in values and gradients, ${reverse ? 'backwards' : 'forwards'}`, async () => {
      const expected = await evaluateOnce(reference, unrolled(reverse), ...args);
      expectClose(await evaluateOnce(reference, looped(reverse), ...args), expected);
      expectClose(await evaluateOnce(runtime, looped(reverse), ...args), expected);
    });
  }

  it('takes gradients of captured matrices out of the loop and keeps one forward loop', () => {
    const inputs = args.map((value, i) => placeholder(value, `x${i}`));
    const outputs = looped(false)(...(inputs as [Tensor, Tensor, Tensor, Tensor, Tensor]));
    const scans = nodesOf(optimize({ inputs, outputs })).filter((node) => node.op.name === 'scan');
    expect(scans.length).toBe(2);
    const backward = scans[1]?.attributes['body'] as {
      inputs: readonly Tensor[];
      outputs: readonly Tensor[];
    };
    const weightGradients = nodesOf(backward).filter(
      (node) => node.op.name === 'matmul' && node.attributes['transposeA'] === true,
    );
    expect(weightGradients.length).toBe(0);
  });

  it('differentiates twice', async () => {
    const twice =
      (loop: typeof looped) => (h: Tensor, xs: Tensor, hidden: Tensor, gate: Tensor, bias: Tensor) => {
        const first = loop(false)(h, xs, hidden, gate, bias);
        const gradientOfHidden = first[4] as Tensor;
        return gradients(sum(mul(gradientOfHidden, gradientOfHidden)), [h, hidden, bias]);
      };
    const expected = await evaluateOnce(reference, twice(unrolled), ...args);
    expectClose(await evaluateOnce(reference, twice(looped), ...args), expected);
    expectClose(await evaluateOnce(runtime, twice(looped), ...args), expected);
  });

  it('counts steps when there are no sequences', async () => {
    const doubled = await evaluateOnce(
      runtime,
      (h) =>
        scan((carry: Tensor) => ({ carry: add(carry, carry), y: carry }), h, [] as Tensor[], { length: 4 }),
      shapes.h,
    );
    expect(doubled.carry.data[0]).toBeCloseTo(16 * (shapes.h.data[0] ?? 0), 5);
    expect(doubled.ys.shape).toEqual([4, 2, 3]);
  });

  it('names the carry that changes its type', () => {
    const h = placeholder(shapes.h, 'h');
    const xs = placeholder(shapes.xs, 'xs');
    expect(() => scan((carry: Tensor, x: Tensor) => ({ carry: sum(add(carry, x)), y: x }), h, xs)).toThrow(
      /scan: the step turns carry 0 from float32\[2, 3\] into float32\[\]/,
    );
  });

  it('lowers to a model in which names are unique across the loops', () => {
    const inputs = args.map((value, i) => placeholder(value, `x${i}`));
    const outputs = looped(false)(...(inputs as [Tensor, Tensor, Tensor, Tensor, Tensor]));
    expect(lower(optimize({ inputs, outputs })).length).toBeGreaterThan(1000);
  });
});
