// One body of tests over every memory: what the contract of memory.ts promises.
import { describe, expect, it } from 'vitest';
import type { Tree } from '../../src/core/tree.js';
import type { Tensor } from '../../src/engine/graph.js';
import type { DeviceState } from '../../src/engine/runtime/runtime.js';
import type { AnyMemory } from '../../src/memory/memory-kind.js';
import { Random } from '../../src/core/random.js';
import { TensorData, treeBytes } from '../../src/core/tensor-data.js';
import { flattenTree, mapTree } from '../../src/core/tree.js';
import { compile } from '../../src/engine/compile.js';
import { gradients } from '../../src/engine/grad.js';
import { mul, sub } from '../../src/engine/ops/arithmetic.js';
import { concat, select, slice, stack } from '../../src/engine/ops/slicing.js';
import { mean, sum } from '../../src/engine/ops/reduce.js';
import { NodeRuntime } from '../../src/engine/runtime/node.js';
import { typesOf } from '../../src/engine/trace.js';
import { expectClose } from './reproduce.js';

/** Shared by the files that one worker runs; it ends with the worker. */
const runtime = new NodeRuntime();

/** Width of the memories that `keepsTheContract` can test. */
export const width = 8;
const [batch, time] = [2, 11];

function normal(random: Random, ...shape: number[]): TensorData {
  const length = shape.reduce((a, b) => a * b, 1);
  return new TensorData(
    'float32',
    shape,
    Float32Array.from({ length }, () => random.normal()),
  );
}

const x = normal(Random.fromSeed(5), batch, time, width);

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

/**
 * Tests a memory of `width` that has room for at least 11 tokens.
 * @param name tells variants of one kind apart
 */
export function keepsTheContract(name: string, memory: AnyMemory): void {
  const random = Random.fromSeed(6);
  describe(name, () => {
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
        [4, 7],
        [1, 10],
        [5, 1, 5],
        [3, 3, 3, 2],
      ]) {
        expectSame(await run(memory, inPieces(memory, cut)), whole, `cut at ${cut.join()}`);
      }
    });

    it('reads a segment of no tokens as nothing, at the start and later', async () => {
      const read = (p: Tree<Tensor>, s: Tree<Tensor> | undefined, input: Tensor): Pass =>
        memory.read(p, slice(input, 1, 0, 0), s);
      const { output, state, first, before } = await run(memory, (p, s, input) => {
        const { state: held } = memory.read(p, slice(input, 1, 0, 5), s);
        return { ...read(p, held, input), before: held, first: read(p, undefined, input).state };
      });
      expect(output.shape).toEqual([batch, 0, width]);
      expectSame(state, before, 'after nothing');
      expectSame(first, memory.initialState(batch), 'nothing at all');
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

    it('sends no gradient from what is read to what comes after', async () => {
      const { gradient } = await run(memory, (p, _, input) => ({
        gradient: gradients(sum(slice(memory.read(p, input).output, 1, 0, 4)), input),
      }));
      const perToken = Array.from({ length: time }, (_, t) =>
        gradient.data.slice(t * width, (t + 1) * width).some((value: number) => value !== 0),
      );
      expect(perToken.slice(4)).toEqual(perToken.slice(4).map(() => false));
      expect(perToken.slice(0, 4)).toEqual([true, true, true, true]);
    });

    it('goes on from a restored or forked state with the same bits', async () => {
      const initial = { parameters: memory.init(Random.fromSeed(9)), state: memory.initialState(batch) };
      const executable = await compile(
        runtime,
        (own, { token }) => {
          const { output, state } = memory.step(own.parameters, token, own.state);
          return { state: { state }, outputs: { output } };
        },
        { state: typesOf(initial), inputs: typesOf({ token: normal(random, batch, width) }) },
      );
      const tokens = Array.from({ length: 6 }, () => normal(random, batch, width));
      const device = await runtime.createState();
      await device.write(flattenTree<TensorData>(initial));
      const step = async (on: DeviceState, token: TensorData): Promise<TensorData> =>
        (await executable.run(on, { token })).output;
      for (const token of tokens.slice(0, 3)) await step(device, token);
      const restored = await runtime.createState();
      await restored.write(await device.read([...flattenTree<TensorData>(initial).keys()]));
      const forked = await device.fork();
      for (const token of tokens.slice(3)) {
        const expected = await step(device, token);
        expect((await step(restored, token)).data).toEqual(expected.data);
        expect((await step(forked, token)).data).toEqual(expected.data);
      }
      await executable.dispose();
    });

    it('keeps the batch in front of every part of its state that is not a shared scalar', () => {
      for (const [path, { shape }] of flattenTree(memory.initialState(3)))
        expect(shape.length === 0 || shape[0] === 3, path).toBe(true);
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
        run(memory, (p, _, input) => memory.read(p, input).output, normal(random, batch, 3, width + 1)),
      ).rejects.toThrow(/last axis must be 8/);
    });
  });
}
