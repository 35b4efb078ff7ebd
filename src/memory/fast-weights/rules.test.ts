// The rules of fast weights against their naive form: one token at a time, one matrix at a time, as in the papers' equations.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tree } from '../../core/tree.js';
import type { Tensor } from '../../engine/graph.js';
import { expectClose } from '../../../test/support/reproduce.js';
import { Random } from '../../core/random.js';
import { TensorData } from '../../core/tensor-data.js';
import { flattenTree } from '../../core/tree.js';
import { evaluateOnce } from '../../engine/compile.js';
import { gradients } from '../../engine/grad.js';
import { add, mul, sub } from '../../engine/ops/arithmetic.js';
import { greater } from '../../engine/ops/comparison.js';
import { silu } from '../../engine/ops/gelu.js';
import { expandDims, reshape, transpose } from '../../engine/ops/layout.js';
import { matmul } from '../../engine/ops/matmul.js';
import { sum } from '../../engine/ops/reduce.js';
import { concat, select, slice } from '../../engine/ops/slicing.js';
import { exp } from '../../engine/ops/unary.js';
import { ReferenceRuntime } from '../../engine/runtime/reference-runtime.js';
import { full } from '../../engine/ops/constant.js';
import { readByDeltaRule } from './delta-rule.js';
import { readByLearning } from './learned-memory.js';
import { readByAddition, readByDecayingAddition } from './linear-attention-rule.js';
import { invertUnitLower } from './triangular-inverse.js';
import { unitLength } from './unit-length.js';

const runtime = new ReferenceRuntime();
const [chunks, rows, chunk, size] = [2, 2, 5, 3];
const random = Random.fromSeed(3);

function filled(shape: readonly number[], sample: () => number): TensorData {
  const length = shape.reduce((a, b) => a * b, 1);
  return new TensorData('float32', shape, Float32Array.from({ length }, sample));
}

const normal = (...shape: number[]): TensorData => filled(shape, () => random.normal());
const uniform = (low: number, high: number, ...shape: number[]): TensorData =>
  filled(shape, () => low + (high - low) * random.uniform());
const signals = (): TensorData => normal(chunks, rows, chunk, size);

interface Result {
  readonly output: Tensor;
  readonly memory: Tensor | readonly Tensor[];
}

/** Column t of a signal [chunks, rows, chunk, size] as [rows, size, 1]. */
function column(x: Tensor, t: number): Tensor {
  return expandDims(select(select(x, 0, Math.floor(t / chunk)), 1, t % chunk), -1);
}

/** Columns of all tokens [rows, size, 1] as [chunks, rows, chunk, size]. */
function fromColumns(columns: readonly Tensor[]): Tensor {
  const joined = concat(columns, -1); // [rows, size, time]
  return transpose(reshape(joined, [rows, size, chunks, chunk]), [2, 0, 3, 1]);
}

/** Runs `step` over all tokens; it returns the output of a token as a column. */
function tokenByToken(step: (t: number) => Tensor): Tensor {
  return fromColumns(Array.from({ length: chunks * chunk }, (_, t) => step(t)));
}

const outer = (a: Tensor, b: Tensor): Tensor => matmul(a, b, { transposeB: true });

/** Values, final memory and all gradients of two forms are the same. */
async function expectEqual<Inputs extends Readonly<Record<string, TensorData>>>(
  inputs: Inputs,
  fast: (given: { [K in keyof Inputs]: Tensor }) => Result,
  naive: (given: { [K in keyof Inputs]: Tensor }) => Result,
): Promise<void> {
  const names = Object.keys(inputs);
  const run = async (form: typeof fast) => {
    const results = await evaluateOnce(
      runtime,
      (...tensors) => {
        const given = Object.fromEntries(names.map((name, i) => [name, tensors[i]])) as {
          [K in keyof Inputs]: Tensor;
        };
        const { output, memory } = form(given);
        const parts = [output, memory].flat();
        const loss = parts.map((part) => sum(mul(part, part))).reduce((a, b) => add(a, b));
        return { parts, gradient: gradients(mul(loss, 0.1), given) };
      },
      ...Object.values(inputs),
    );
    return flattenTree(results as unknown as Tree<TensorData>);
  };
  const [actual, expected] = [await run(fast), await run(naive)];
  for (const [path, value] of expected) expectClose(actual.get(path) as TensorData, value, path);
}

describe('the delta rule in chunks', () => {
  const inputs = () => ({
    query: signals(),
    key: signals(),
    value: signals(),
    rate: uniform(0, 1, chunks, rows, chunk, 1),
    memory: normal(rows, size, size),
  });

  /** S_t = alpha_t S_{t-1} (I - beta_t k_t k_t^T) + beta_t v_t k_t^T, o_t = S_t q_t, with S = memory^T */
  function naive(given: { readonly [name in keyof ReturnType<typeof inputs>]: Tensor }, logDecay?: Tensor) {
    let state = transpose(given.memory);
    const keys = unitLength(given.key);
    const output = tokenByToken((t) => {
      const [k, v, beta] = [column(keys, t), column(given.value, t), column(given.rate, t)];
      const alpha = logDecay ? exp(column(logDecay, t)) : full(1);
      const kept = mul(sub(state, mul(beta, outer(matmul(state, k), k))), alpha);
      state = add(kept, mul(beta, outer(v, k)));
      return matmul(state, column(given.query, t));
    });
    return { output, memory: transpose(state) };
  }

  it('is the delta rule of the paper', async () => {
    await expectEqual(
      inputs(),
      ({ memory, key, ...rest }) => readByDeltaRule({ ...rest, key: unitLength(key) }, memory),
      (given) => naive(given),
    );
  });

  it.each([0.1, 1, 30])('decays as in the paper, up to %s a token', async (strongest) => {
    await expectEqual(
      { ...inputs(), logDecay: uniform(-strongest, 0, chunks, rows, chunk, 1) },
      ({ memory, key, ...rest }) => readByDeltaRule({ ...rest, key: unitLength(key) }, memory),
      ({ logDecay, ...given }) => naive(given, logDecay),
    );
  });

  it('keeps its digits when a token forgets everything', async () => {
    const logDecay = uniform(-0.1, 0, chunks, rows, chunk, 1);
    for (let i = 0; i < logDecay.data.length; i += 3) logDecay.data[i] = -1e4;
    await expectEqual(
      { ...inputs(), logDecay },
      ({ memory, key, ...rest }) => readByDeltaRule({ ...rest, key: unitLength(key) }, memory),
      ({ logDecay: given, ...rest }) => naive(rest, given),
    );
  });
});

describe('linear attention in chunks', () => {
  const inputs = () => ({
    query: signals(),
    key: signals(),
    value: signals(),
    memory: normal(rows, size, size),
  });

  /** M_t = diag(alpha_t) M_{t-1} + k_t v_t^T, o_t = M_t^T q_t */
  function naive(given: { readonly [name in keyof ReturnType<typeof inputs>]: Tensor }, logDecay?: Tensor) {
    let { memory } = given;
    const output = tokenByToken((t) => {
      const kept = logDecay ? mul(exp(column(logDecay, t)), memory) : memory;
      memory = add(kept, outer(column(given.key, t), column(given.value, t)));
      return matmul(memory, column(given.query, t), { transposeA: true });
    });
    return { output, memory };
  }

  it('adds up keys and values', async () => {
    await expectEqual(
      inputs(),
      ({ memory, ...rest }) => readByAddition(rest, memory),
      (given) => naive(given),
    );
  });

  it.each([0.1, 5])('forgets channel by channel, up to %s a token', async (strongest) => {
    await expectEqual(
      { ...inputs(), logDecay: uniform(-strongest, 0, chunks, rows, chunk, size) },
      ({ memory, logDecay, ...rest }) => readByDecayingAddition(rest, logDecay, memory),
      ({ logDecay, ...given }) => naive(given, logDecay),
    );
  });
});

describe('the memory that learns while it reads', () => {
  const weights = { first: normal(rows, size, 4), second: normal(rows, 4, size) };
  const inputs = () => ({
    ...weights,
    query: signals(),
    key: signals(),
    value: signals(),
    rate: uniform(0, 0.05, chunks, rows, chunk, 1),
    logMomentum: uniform(-2, 0, chunks, rows, chunk, 1),
    logKept: uniform(-0.3, 0, chunks, rows, chunk, 1),
  });
  type Given = { readonly [name in keyof ReturnType<typeof inputs>]: Tensor };

  /** Row vectors: x [rows, 1, inputs] times weights [rows, inputs, outputs]. */
  function network([first, second]: readonly Tensor[], x: Tensor): Tensor {
    const hidden = matmul(x, first as Tensor);
    return second === undefined ? hidden : matmul(silu(hidden), second);
  }

  /** S_t = eta_t S_{t-1} - theta_t grad |M(k_t) - v_t|^2, M_t = (1 - alpha_t) M_{t-1} + S_t; the gradient by the engine. */
  function naive(given: Given, start: readonly Tensor[]): Result {
    let [memory, momentum, anchor] = [start, start.map((w) => mul(w, 0)), start];
    const output = tokenByToken((t) => {
      if (t % chunk === 0) anchor = memory;
      const row = (x: Tensor): Tensor => transpose(column(x, t));
      const error = sub(network(anchor, row(given.key)), row(given.value));
      const surprise = gradients(sum(mul(error, error)), anchor);
      momentum = momentum.map((s, i) =>
        sub(
          mul(s, exp(row(given.logMomentum))),
          mul((surprise as readonly Tensor[])[i] as Tensor, row(given.rate)),
        ),
      );
      memory = memory.map((m, i) => add(mul(m, exp(row(given.logKept))), momentum[i] as Tensor));
      return transpose(network(memory, row(given.query)));
    });
    return { output, memory };
  }

  function fast(given: Given, start: readonly Tensor[]): Result {
    const ones = (shape: readonly number[]): Tensor => full(1, 'float32', shape);
    const { first: _, second: __, ...signalsGiven } = given;
    const { output, state } = readByLearning(
      {
        ...signalsGiven,
        present: ones([chunks, rows, chunk, 1]),
        complete: greater(ones([chunks, 1, 1, 1]), 0),
      },
      { anchor: start, weights: start, momentum: start.map((w) => mul(w, 0)) },
    );
    return { output, memory: state.weights };
  }

  it('is gradient descent with momentum and forgetting, for a network of two layers', async () => {
    await expectEqual(
      inputs(),
      (given) => fast(given, [given.first, given.second]),
      (given) => naive(given, [given.first, given.second]),
    );
  });

  it('is gradient descent with momentum and forgetting, for a matrix', async () => {
    await expectEqual(
      inputs(),
      (given) => fast(given, [slice(given.first, -1, 0, size)]),
      (given) => naive(given, [slice(given.first, -1, 0, size)]),
    );
  });
});

describe('the inverse of unit triangular matrices', () => {
  it('times the matrix is the identity, for any size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 33 }), fc.integer(), async (n, seed) => {
        const source = Random.fromSeed(seed);
        const a = filled([n, n], () => 0.3 * source.normal());
        const inverse = await evaluateOnce(runtime, invertUnitLower, a);
        const unit = (i: number, j: number): number => (i === j ? 1 : j < i ? (a.data[i * n + j] ?? 0) : 0);
        const product = filled([n, n], () => 0);
        for (let i = 0; i < n * n; i++) {
          const [row, other] = [Math.floor(i / n), i % n];
          for (let k = 0; k < n; k++)
            product.data[i] = (product.data[i] ?? 0) + unit(row, k) * (inverse.data[k * n + other] ?? 0);
        }
        const identity = filled([n, n], () => 0);
        for (let i = 0; i < n; i++) identity.data[i * n + i] = 1;
        expectClose(product, identity, 'A A^-1', 1e-4);
      }),
      { numRuns: 25 },
    );
  });

  it('is exact for equal keys, where powers of the matrix would reach 1e18', async () => {
    const inverse = await evaluateOnce(
      runtime,
      invertUnitLower,
      filled([64, 64], () => 1),
    );
    const entry = (i: number): number => {
      const distance = Math.floor(i / 64) - (i % 64);
      return distance === 0 ? 1 : distance === 1 ? -1 : 0;
    };
    expect(Array.from(inverse.data)).toEqual(Array.from({ length: 64 * 64 }, (_, i) => entry(i) || 0));
  });
});
