// Checks of a layer, memory or model, on both runtimes: against a fixture, results and gradients; and that it learns.
import { expect } from 'vitest';
import { isFloat } from '../../src/core/dtype.js';
import type { TensorData } from '../../src/core/tensor-data.js';
import type { Tree } from '../../src/core/tree.js';
import { flattenTree, mapTree } from '../../src/core/tree.js';
import type { Symbolic } from '../../src/engine/compile.js';
import { compile } from '../../src/engine/compile.js';
import { gradients, pullback } from '../../src/engine/grad.js';
import { Tensor } from '../../src/engine/graph.js';
import { mul, sub } from '../../src/engine/ops/arithmetic.js';
import { full } from '../../src/engine/ops/constant.js';
import { NodeRuntime } from '../../src/engine/runtime/node.js';
import { ReferenceRuntime } from '../../src/engine/runtime/reference-runtime.js';
import type { Fixture } from './fixtures.js';
import { parametersOf, tensorOf } from './fixtures.js';

type Named<T> = Readonly<Record<string, T>>;

/** What a test must agree on: the plain-TypeScript rules, and the graph that ONNX Runtime executes. */
export const runtimes = [new ReferenceRuntime(), new NodeRuntime({ threads: 1 })] as const;

/** Every element within 1e-5, relative where the expected value is above 1. */
export function expectClose(
  actual: TensorData,
  expected: TensorData,
  what = 'tensor',
  tolerance = 1e-5,
): void {
  expect(actual.shape, what).toEqual(expected.shape);
  const errors = Array.from(expected.data, (value, i) => {
    return Math.abs((actual.data[i] ?? Number.NaN) - value) / Math.max(1, Math.abs(value));
  });
  const worst = errors.find((error) => !(error <= tolerance));
  expect(worst, `${what} differs`).toBeUndefined();
}

/**
 * Runs `f` on the fixture's inputs and parameters and sends its cotangents back.
 * @param inputs names of the tensors handed to `f`, beside the tree of parameters
 * @param f returns the tensor `output`, or several by their names in the fixture
 */
export async function expectReproduces<Parameters>(
  fixture: Fixture<unknown>,
  inputs: readonly string[],
  f: (parameters: Parameters, inputs: Named<Tensor>) => Tensor | Named<Tensor>,
): Promise<void> {
  const sources = [...inputs, ...fixture.parameters];
  const given = tensorsNamed(fixture, [...sources, ...cotangentsOf(fixture, sources)]);
  const program = (_: unknown, symbols: Named<Tensor>): { readonly outputs: Named<Tensor> } => {
    const parameters = mapTree(parametersOf(fixture), (_, path) => symbols[path]);
    return { outputs: differentiate(f(parameters as Parameters, symbols), sources, symbols) };
  };
  for (const runtime of runtimes) {
    const executable = await compile(runtime, program, { state: {}, inputs: given });
    const actual = await executable.run(await runtime.createState(), given);
    for (const [name, value] of Object.entries(actual)) {
      expectClose(value, tensorOf(fixture, name), `${name} on ${runtime.name}`);
    }
    await executable.dispose();
  }
}

/** One step down the gradient makes the loss smaller. */
export async function expectStepLowers<Parameters>(
  parameters: Parameters,
  loss: (parameters: Symbolic<Parameters>) => Tensor,
  rate = 0.1,
): Promise<void> {
  const values = Object.fromEntries(flattenTree(parameters as Tree<TensorData>));
  const program = (_: unknown, symbols: Named<Tensor>): { readonly outputs: Named<Tensor> } => {
    const lossOf = (leaves: Named<Tensor>): Tensor =>
      loss(mapTree(parameters, (_, path) => leaves[path]) as Symbolic<Parameters>);
    const before = lossOf(symbols);
    const slopes = gradients(before, symbols) as Named<Tensor>;
    const moved = Object.entries(symbols).map(([path, leaf]) => {
      return [path, sub(leaf, mul(slopes[path] ?? 0, rate))] as const;
    });
    return { outputs: { before, after: lossOf(Object.fromEntries(moved)) } };
  };
  for (const runtime of runtimes) {
    const executable = await compile(runtime, program, { state: {}, inputs: values });
    const { before, after } = await executable.run(await runtime.createState(), values);
    expect(after?.data[0], runtime.name).toBeLessThan(before?.data[0] ?? Number.NaN);
    await executable.dispose();
  }
}

function tensorsNamed(fixture: Fixture<unknown>, names: readonly string[]): Named<TensorData> {
  return Object.fromEntries(names.map((name) => [name, tensorOf(fixture, name)]));
}

/** Names of the cotangents of results: every `grad.*` that belongs to no input or parameter. */
function cotangentsOf(fixture: Fixture<unknown>, sources: readonly string[]): string[] {
  const ofSources = new Set(sources.map((name) => `grad.${name}`));
  return Object.keys(fixture.tensors).filter((name) => name.startsWith('grad.') && !ofSources.has(name));
}

/** Results and gradients, by their names in the fixture. A scalar is differentiated as it is. */
function differentiate(
  returned: Tensor | Named<Tensor>,
  sources: readonly string[],
  symbols: Named<Tensor>,
): Named<Tensor> {
  const results: Named<Tensor> = returned instanceof Tensor ? { output: returned } : returned;
  const upstream = Object.keys(results).map((name) => symbols[`grad.${name}`] ?? full(1));
  const floats = sources.filter((name) => isFloat(symbols[name]?.dtype ?? 'bool'));
  const cotangents = pullback(
    Object.values(results),
    upstream,
    floats.flatMap((name) => symbols[name] ?? []),
  );
  const found = floats.flatMap((name, i) => {
    const gradient = cotangents[i];
    return gradient === undefined ? [] : [[`grad.${name}`, gradient] as const];
  });
  expect(found.length, 'gradients that are not zero').toBe(floats.length);
  return { ...results, ...Object.fromEntries(found) };
}
