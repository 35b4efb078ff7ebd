// Checks of functions of tensors, for tests: a runtime against the reference, gradients against finite differences.
// Knows no particular op.
import { isFloat } from '../core/dtype.js';
import type { MnemeErrorOptions } from '../core/errors.js';
import { MnemeError, invariant } from '../core/errors.js';
import { Random } from '../core/random.js';
import type { Shape } from '../core/shape.js';
import { formatShape, sameShape, sizeOf, stridesOf } from '../core/shape.js';
import { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import { flattenTree, leavesOf } from '../core/tree.js';
import { evaluateOnce } from '../engine/compile.js';
import { pullback } from '../engine/grad.js';
import type { Graph, Tensor } from '../engine/graph.js';
import { formatType } from '../engine/graph.js';
import { add, mul } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { constant, full, placeholder } from '../engine/ops/constant.js';
import { zerosLike } from '../engine/ops/layout.js';
import { sum } from '../engine/ops/reduce.js';
import { evaluate } from '../engine/runtime/reference.js';
import type { Runtime } from '../engine/runtime/runtime.js';

/** A function of tensors that returns one tensor or a tree of them. */
export type TensorFunction = (...inputs: Tensor[]) => Tree<Tensor>;

/** A check that failed. The message says where, and by how much. */
export class CheckError extends MnemeError {
  constructor(message: string, options?: MnemeErrorOptions) {
    super('check', message, options);
  }
}

export interface ReferenceCheckOptions {
  /** Largest difference, absolute below 1 and relative above; default: 1e-5. */
  readonly tolerance?: number;
  /**
   * Whether the reference computes in double precision (default), so that it is the true value, or in single
   * precision like the runtime: for functions that name a dtype or jump at a threshold.
   */
  readonly precision?: 'float64' | 'float32';
}

/** The same values with floating-point numbers in double precision. */
function widened(tensor: TensorData): TensorData {
  if (tensor.dtype !== 'float32') return tensor;
  return new TensorData('float64', tensor.shape, Float64Array.from(tensor.data));
}

/** The place of a flat index, as `[1, 0, 2]`. */
function formatPlace(index: number, shape: Shape): string {
  return formatShape(stridesOf(shape).map((stride, axis) => Math.floor(index / stride) % (shape[axis] ?? 1)));
}

/**
 * Compares elements; NaN equals NaN.
 * @throws {CheckError} when types differ or an element differs by more than `tolerance` (relative above 1)
 */
export function checkClose(what: string, actual: TensorData, expected: TensorData, tolerance: number): void {
  const isSameType = actual.dtype === expected.dtype && sameShape(actual.shape, expected.shape);
  if (!isSameType || actual.data.length !== expected.data.length) {
    throw new CheckError(
      `${what} is ${formatType(actual)} with ${actual.data.length} elements; expected ${formatType(expected)}.`,
    );
  }
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [actual.data[i] ?? NaN, expected.data[i] ?? NaN];
    if (Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b))) continue;
    throw new CheckError(
      `${what} at ${formatPlace(i, expected.shape)} is ${a}; expected ${b} within ${tolerance}.`,
      { fields: { index: i, actual: a, expected: b, tolerance } },
    );
  }
}

/** The graph of `f` for inputs of the types of `values`. */
function traceFor(f: TensorFunction, values: readonly TensorData[]): Graph & { readonly paths: string[] } {
  const inputs = values.map((value, i) => placeholder(value, `input${i}`));
  const outputs = flattenTree<Tensor>(f(...inputs));
  return { inputs, outputs: [...outputs.values()], paths: [...outputs.keys()] };
}

/**
 * Checks that a runtime computes what the reference computes.
 * @param inputs floating-point inputs are float32
 * @throws {CheckError} at the first element that differs
 */
export async function checkAgainstReference(
  runtime: Runtime,
  f: TensorFunction,
  inputs: readonly TensorData[],
  options: ReferenceCheckOptions = {},
): Promise<void> {
  const { tolerance = 1e-5, precision = 'float64' } = options;
  const flat = (...symbols: Tensor[]): Tensor[] => leavesOf<Tensor>(f(...symbols));
  const results = await evaluateOnce(runtime, flat, ...inputs);
  const oracleInputs = precision === 'float64' ? inputs.map(widened) : inputs;
  const graph = traceFor(f, oracleInputs);
  evaluate(graph, oracleInputs).forEach((expected, i) => {
    const actual = results[i];
    invariant(actual !== undefined, `The runtime returned no output ${i}.`);
    const given = expected.dtype === 'float64' ? widened(actual) : actual;
    checkClose(`${runtime.name}: output ${graph.paths[i] || i}`, given, expected, tolerance);
  });
}

export interface GradientCheckOptions {
  /** Largest difference between gradient and finite difference, relative above 1; default: 1e-6. */
  readonly tolerance?: number;
  /** Step of the central differences; default: 1e-5. */
  readonly step?: number;
  /** Inputs with more elements are checked along this many random directions instead of element by element; default: 32. */
  readonly directions?: number;
  readonly seed?: number;
}

/** Random numbers of the given shape in [-1, 1), away from zero so that no output is overlooked. */
function randomWeights(shape: Shape, random: Random): TensorData {
  const draw = (): number => (random.uniform() < 0.5 ? -1 : 1) * (0.5 + random.uniform() / 2);
  return new TensorData('float64', shape, Float64Array.from({ length: sizeOf(shape) }, draw));
}

/** A scalar that depends on every element of every floating-point output: their sum with random weights. */
function projection(outputs: readonly Tensor[], random: Random): Tensor {
  return outputs
    .filter((output) => isFloat(output.dtype))
    .map((output) => sum(mul(cast(output, 'float64'), constant(randomWeights(output.shape, random)))))
    .reduce((total, term) => add(total, term), full(0, 'float64'));
}

/** One direction for each element, or a few random ones where there are many. */
function directionsFor(shape: Shape, most: number, random: Random): TensorData[] {
  const size = sizeOf(shape);
  if (size > most) return Array.from({ length: most }, () => randomWeights(shape, random));
  return Array.from({ length: size }, (_, element) => {
    const unit = Float64Array.from({ length: size }, (_, i) => Number(i === element));
    return new TensorData('float64', shape, unit);
  });
}

function dot(a: TensorData, b: TensorData): number {
  let total = 0;
  for (let i = 0; i < a.data.length; i++) total += (a.data[i] ?? 0) * (b.data[i] ?? 0);
  return total;
}

/** x + distance * direction */
function sumOf(x: TensorData, direction: TensorData, distance: number): TensorData {
  const data = Float64Array.from(x.data, (value, i) => value + distance * (direction.data[i] ?? 0));
  return new TensorData(x.dtype, x.shape, data);
}

/**
 * Checks the gradient of `f` with respect to every floating-point input, in double precision on the reference:
 * what the vjp rules say against central differences of a random projection of the outputs.
 * @throws {CheckError} at the first element or direction that differs
 */
export function checkGradient(
  f: TensorFunction,
  inputs: readonly TensorData[],
  options: GradientCheckOptions = {},
): void {
  const { tolerance = 1e-6, step = 1e-5, directions = 32, seed = 1 } = options;
  const random = Random.fromSeed(seed);
  const values = inputs.map(widened);
  const { inputs: symbols, outputs } = traceFor(f, values);
  const loss = projection(outputs, random);
  const lossAt = (changed: readonly TensorData[]): number =>
    evaluate({ inputs: symbols, outputs: [loss] }, changed)[0]?.data[0] ?? NaN;
  const gradients = gradientsOf(loss, symbols);
  evaluate({ inputs: symbols, outputs: gradients }, values).forEach((gradient, i) => {
    if (!isFloat(gradient.dtype)) return;
    for (const direction of directionsFor(gradient.shape, directions, random)) {
      const moved = (distance: number): TensorData[] =>
        values.map((value, j) => (j === i ? sumOf(value, direction, distance) : value));
      const numeric = (lossAt(moved(step)) - lossAt(moved(-step))) / (2 * step);
      checkSlope(i, direction, dot(gradient, direction), numeric, tolerance);
    }
  });
}

/** The gradient with respect to every input; an integer input stands for itself. */
function gradientsOf(loss: Tensor, inputs: readonly Tensor[]): Tensor[] {
  const gradients = pullback([loss], [full(1, 'float64')], inputs);
  return inputs.map((input, i) => {
    if (!isFloat(input.dtype)) return input;
    return gradients[i] ?? zerosLike(input);
  });
}

function checkSlope(
  input: number,
  direction: TensorData,
  analytic: number,
  numeric: number,
  tolerance: number,
): void {
  if (Math.abs(numeric - analytic) <= tolerance * Math.max(1, Math.abs(numeric))) return;
  const element = direction.data.indexOf(1);
  const where = element < 0 ? 'along a random direction' : `at ${formatPlace(element, direction.shape)}`;
  throw new CheckError(
    `The gradient of input ${input} ${where} is ${analytic}; finite differences give ${numeric}.`,
    { fields: { input, analytic, numeric, tolerance } },
  );
}
