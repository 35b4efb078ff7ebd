// One body of tests over every memory: what the contract of memory.ts promises.
import { afterAll, describe, expect, it } from 'vitest';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { AnyMemory } from './memory-kind.js';
import { Random } from '../core/random.js';
import { TensorData, treeBytes } from '../core/tensor-data.js';
import { flattenTree, mapTree } from '../core/tree.js';
import { compile } from '../engine/compile.js';
import { gradients } from '../engine/grad.js';
import { mul, sub } from '../engine/ops/arithmetic.js';
import { concat, select, slice, stack } from '../engine/ops/slicing.js';
import { mean, sum } from '../engine/ops/reduce.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { typesOf } from '../engine/trace.js';
import { loadFixture, parametersOf, tensorOf } from '../../test/support/fixtures.js';
import { Attention } from './attention.js';
import { createMemory, memoryKinds } from './create-memory.js';
import { Gru } from './gru.js';

const runtime = new NodeRuntime();
afterAll(() => runtime.dispose());

const [batch, time, width] = [2, 7, 8];
const random = Random.fromSeed(5);

function normal(...shape: number[]): TensorData {
  const length = shape.reduce((a, b) => a * b, 1);
  return new TensorData(
    'float32',
    shape,
    Float32Array.from({ length }, () => random.normal()),
  );
}

const x = normal(batch, time, width);

/** Runs a function of the memory's parameters, its initial state and the input. */
async function run<Out>(
  memory: AnyMemory,
  f: (parameters: Tree<Tensor>, state: Tree<Tensor>, input: Tensor) => Out,
  input = x,
) {
  const initial = { parameters: memory.init(Random.fromSeed(9)), state: memory.initialState(batch) };
  const executable = await compile(
    runtime,
    (own, given) => ({ outputs: f(own.parameters, own.state, given.x) }),
    { state: typesOf(initial), inputs: typesOf({ x: input }) },
  );
  const state = await runtime.createState();
  await state.write(flattenTree<TensorData>(initial));
  const results = await executable.run(state, { x: input });
  await executable.dispose();
  return results;
}

function expectClose(actual: TensorData, expected: TensorData, what: string, tolerance = 1e-5): void {
  expect(actual.shape, what).toEqual(expected.shape);
  actual.data.forEach((value: number, i: number) => {
    const wanted = expected.data[i] ?? NaN;
    expect(Math.abs(value - wanted), `${what}[${i}]`).toBeLessThan(tolerance * (1 + Math.abs(wanted)));
  });
}

/** Compares trees leaf by leaf. */
function expectSame(actual: unknown, expected: unknown, what: string): void {
  const given = flattenTree(actual as Tree<TensorData>);
  const wanted = flattenTree(expected as Tree<TensorData>);
  expect([...given.keys()]).toEqual([...wanted.keys()]);
  for (const [path, tensor] of wanted) expectClose(given.get(path) as TensorData, tensor, `${what} ${path}`);
}

interface Pass {
  readonly output: Tensor;
  readonly state: Tree<Tensor>;
}

/** Reads the input in pieces of the given lengths; a piece of length 1 is a step. */
function inPieces(memory: AnyMemory, lengths: readonly number[]) {
  return (parameters: Tree<Tensor>, state: Tree<Tensor>, input: Tensor): Pass => {
    let [current, start] = [state, 0];
    const outputs: Tensor[] = [];
    for (const length of lengths) {
      const piece = slice(input, 1, start, start + length);
      if (length === 1) {
        const { output, state: next } = memory.step(parameters, select(piece, 1, 0), current);
        outputs.push(stack([output], 1));
        current = next;
      } else {
        const { output, state: next } = memory.read(parameters, piece, current);
        outputs.push(output);
        current = next;
      }
      start += length;
    }
    return { output: concat(outputs, 1), state: current };
  };
}

/** Outputs, final state, and gradients of a loss over both. */
function withGradients(pass: (p: Tree<Tensor>, s: Tree<Tensor>, input: Tensor) => Pass) {
  return (parameters: Tree<Tensor>, state: Tree<Tensor>, input: Tensor) => {
    const { output, state: next } = pass(parameters, state, input);
    const weights = mul(output, output);
    return { output, state: next, gradient: gradients(sum(mul(weights, output)), { parameters, input }) };
  };
}

const memories: readonly AnyMemory[] = [
  ...memoryKinds.map((kind) => createMemory(kind, { width, heads: 2, maxLength: 12 })),
  new Attention({ width, heads: 4, keyValueHeads: 2, capacity: 9, rotary: true }) as unknown as AnyMemory,
];

for (const [i, memory] of memories.entries()) {
  describe(`${memory.kind} (${i})`, () => {
    it('reads a segment as it steps through it, in values, state and gradients', async () => {
      const stepped = await run(
        memory,
        withGradients(
          inPieces(
            memory,
            Array.from({ length: time }, () => 1),
          ),
        ),
      );
      const read = await run(
        memory,
        withGradients((p, s, input) => memory.read(p, input, s)),
      );
      expectSame(read, stepped, 'read');
    });

    it('starts from the initial state when it is given none', async () => {
      const fromState = await run(
        memory,
        withGradients((p, s, input) => memory.read(p, input, s)),
      );
      const fromNothing = await run(
        memory,
        withGradients((p, _, input) => memory.read(p, input)),
      );
      expectSame(fromNothing, fromState, 'without a state');
    });

    it('does not care where a sequence is cut', async () => {
      const whole = await run(memory, inPieces(memory, [time]));
      for (const cut of [
        [3, 4],
        [1, 6],
        [5, 1, 1],
        [2, 2, 3],
      ]) {
        expectSame(await run(memory, inPieces(memory, cut)), whole, `cut at ${cut.join()}`);
      }
    });

    it('does not look ahead', async () => {
      const changed = new TensorData('float32', x.shape, x.data.slice());
      for (let column = 0; column < width; column++) changed.data[(time - 2) * width + column] = 9;
      const [before, after] = [
        await run(memory, (p, _, input) => memory.read(p, input).output),
        await run(memory, (p, _, input) => memory.read(p, input).output, changed),
      ];
      const past = (time - 2) * width;
      expect(after.data.slice(0, past)).toEqual(before.data.slice(0, past));
      expect(after.data.slice(past, past + width)).not.toEqual(before.data.slice(past, past + width));
      // The second sequence of the batch is another one.
      expect(after.data.slice(time * width)).toEqual(before.data.slice(time * width));
    });

    it('holds as many bytes as it says', () => {
      const held = treeBytes(memory.initialState(1));
      expect(memory.stateBytes(time)).toBe(held);
    });

    it('learns: a step along the gradient lowers the loss', async () => {
      const losses = await run(memory, (parameters, _, input) => {
        const loss = (p: Tree<Tensor>): Tensor => {
          const { output } = memory.read(p, slice(input, 1, 0, time - 1));
          const error = sub(output, slice(input, 1, 1, time));
          return mean(mul(error, error));
        };
        const before = loss(parameters);
        const gradient = flattenTree(gradients(before, parameters) as Tree<Tensor>);
        const moved = mapTree<Tree<Tensor>, Tensor, Tensor>(parameters, (p, path) =>
          sub(p, mul(gradient.get(path) as Tensor, 0.05)),
        );
        return { before, after: loss(moved) };
      });
      expect(losses.after.data[0]).toBeLessThan(losses.before.data[0] ?? NaN);
    });

    it('refuses an input of another width, and says which one it wants', async () => {
      await expect(
        run(memory, (p, _, input) => memory.read(p, input).output, normal(batch, 3, width + 1)),
      ).rejects.toThrow(/last axis must be 8/);
    });
  });
}

describe('against PyTorch', () => {
  const cases = [
    'attention-causal',
    'attention-rotary',
    'attention-grouped-query',
    'attention-grouped-query-rotary',
  ];
  for (const name of cases) {
    it(`has the values and gradients of ${name}`, async () => {
      const fixture = loadFixture<{ width: number; heads: number; keyValueHeads: number; rotary: boolean }>(
        name,
      );
      const memory = new Attention({ ...fixture.options, capacity: 8 });
      const parameters = parametersOf<ReturnType<typeof memory.init>>(fixture);
      const results = await evaluateWithCotangent(
        parameters,
        tensorOf(fixture, 'x'),
        tensorOf(fixture, 'grad.output'),
        (p, input) => memory.read(p, input).output,
      );
      expectClose(results.output, tensorOf(fixture, 'output'), 'output');
      expectClose(results.gradient.get('x') as TensorData, tensorOf(fixture, 'grad.x'), 'x');
      for (const path of flattenTree(parameters as unknown as Tree<TensorData>).keys()) {
        expectClose(
          results.gradient.get(`parameters.${path}`) as TensorData,
          tensorOf(fixture, `grad.${path}`),
          path,
        );
      }
    });
  }

  it('has the values and gradients of gru, with an initial state', async () => {
    const fixture = loadFixture<{ inputSize: number; hiddenSize: number }>('gru');
    const memory = new Gru({ width: fixture.options.hiddenSize, inputSize: fixture.options.inputSize });
    const parameters = parametersOf<ReturnType<typeof memory.init>>(fixture);
    const given = {
      x: tensorOf(fixture, 'x'),
      initialState: tensorOf(fixture, 'initialState'),
      ofOutput: tensorOf(fixture, 'grad.output'),
      ofFinal: tensorOf(fixture, 'grad.finalState'),
    };
    const executable = await compile(
      runtime,
      (own, { x: input, initialState, ofOutput, ofFinal }) => {
        const { output, state } = memory.read(own.parameters, input, { hidden: initialState });
        const loss = sub(sum(mul(output, ofOutput)), mul(sum(mul(state.hidden, ofFinal)), -1));
        const gradient = gradients(loss, { ...own.parameters, x: input, initialState });
        return { outputs: { output, finalState: state.hidden, gradient } };
      },
      { state: { parameters: typesOf(parameters) }, inputs: typesOf(given) },
    );
    const state = await runtime.createState();
    await state.write(flattenTree({ parameters } as unknown as Tree<TensorData>));
    const results = await executable.run(state, given);
    expectClose(results.output, tensorOf(fixture, 'output'), 'output');
    expectClose(results.finalState, tensorOf(fixture, 'finalState'), 'finalState');
    const actual = flattenTree(results.gradient as Tree<TensorData>);
    expect([...actual.keys()].length).toBe(6);
    for (const [path, gradient] of actual) expectClose(gradient, tensorOf(fixture, `grad.${path}`), path);
  });
});

/** The output of a function of parameters and input, and the gradients of its product with a cotangent. */
async function evaluateWithCotangent<P>(
  parameters: P,
  input: TensorData,
  cotangent: TensorData,
  f: (parameters: never, x: Tensor) => Tensor,
) {
  const executable = await compile(
    runtime,
    (own: { parameters: Tree<Tensor> }, given: { x: Tensor; cotangent: Tensor }) => {
      const output = f(own.parameters as never, given.x);
      const gradient = gradients(sum(mul(output, given.cotangent)), {
        parameters: own.parameters,
        x: given.x,
      });
      return { outputs: { output, gradient: gradient as Tree<Tensor> } };
    },
    {
      state: { parameters: typesOf(parameters) } as never,
      inputs: typesOf({ x: input, cotangent }) as never,
    },
  );
  const state = await runtime.createState();
  await state.write(flattenTree<TensorData>({ parameters } as Tree<TensorData>));
  const results = await executable.run(state, { x: input, cotangent } as never);
  return { output: results.output, gradient: flattenTree(results.gradient as Tree<TensorData>) };
}
