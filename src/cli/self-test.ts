// A short test of a runtime on this machine: whether it computes what it should, and how fast. Knows no model.
import type { Tensor } from '../engine/graph.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { compile, evaluateOnce } from '../engine/compile.js';
import { gradients } from '../engine/grad.js';
import { square } from '../engine/ops/arithmetic.js';
import { matmul } from '../engine/ops/matmul.js';
import { mean } from '../engine/ops/reduce.js';
import { softmax } from '../engine/ops/softmax.js';
import { ReferenceRuntime } from '../engine/runtime/reference-runtime.js';
import { float32 } from '../engine/trace.js';

export interface SelfTestResult {
  /** Whether the runtime agrees with the reference. */
  readonly ok: boolean;
  /** Largest difference from the reference, relative to its largest value. */
  readonly error: number;
  /** Speed of a product of two square matrices, in 10^9 floating-point operations a second. */
  readonly gflops: number;
}

const tolerance = 1e-4;
const size = 512;
const timedMs = 500;

function randomMatrix(random: Random, rows: number, columns: number): TensorData {
  const values = Float32Array.from({ length: rows * columns }, () => random.normal());
  return new TensorData('float32', [rows, columns], values);
}

function gradient(x: Tensor, w: Tensor) {
  return gradients(mean(square(softmax(matmul(x, w)))), { x, w });
}

/** A gradient through products and a softmax, on the runtime and on the reference; then a larger product, again and again. */
export async function selfTest(runtime: Runtime): Promise<SelfTestResult> {
  const random = Random.fromSeed(1);
  const [x, w] = [randomMatrix(random, 16, 32), randomMatrix(random, 32, 8)];
  const given = await evaluateOnce(runtime, gradient, x, w);
  const expected = await evaluateOnce(new ReferenceRuntime(), gradient, x, w);
  const error = Math.max(distance(given.x, expected.x), distance(given.w, expected.w));
  return { ok: error < tolerance, error, gflops: await productSpeed(runtime, random) };
}

/** Largest difference, relative to the largest value. */
function distance(given: TensorData, expected: TensorData): number {
  const values = Array.from(expected.data);
  const differences = values.map((value, i) => Math.abs(value - (given.data[i] ?? Number.NaN)));
  return Math.max(...differences) / Math.max(...values.map(Math.abs));
}

async function productSpeed(runtime: Runtime, random: Random): Promise<number> {
  const values = randomMatrix(random, size, size);
  const type = float32(size, size);
  const product = await compile(
    runtime,
    (_, { a, b }: { readonly a: Tensor; readonly b: Tensor }) => ({ outputs: matmul(a, b) }),
    { state: {}, inputs: { a: type, b: type } },
  );
  const state = await runtime.createState();
  await product.run(state, { a: values, b: values });
  let runs = 0;
  const start = performance.now();
  while (performance.now() - start < timedMs) {
    await product.run(state, { a: values, b: values });
    runs++;
  }
  const seconds = (performance.now() - start) / 1000;
  await state.dispose();
  await product.dispose();
  return (runs * 2 * size ** 3) / seconds / 1e9;
}
