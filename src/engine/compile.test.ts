import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor } from './graph.js';
import type { Runtime } from './runtime/runtime.js';
import { TensorData } from '../core/tensor-data.js';
import { buildProgram, compile } from './compile.js';
import { gradients } from './grad.js';
import { add, div, mul, sub } from './ops/arithmetic.js';
import { matmul } from './ops/matmul.js';
import { mean, sum } from './ops/reduce.js';
import { NodeRuntime } from './runtime/node.js';
import { ReferenceRuntime } from './runtime/reference-runtime.js';
import { float32 } from './trace.js';

const node = new NodeRuntime();
afterAll(() => node.dispose());

const vector = (...values: number[]): TensorData =>
  new TensorData('float32', [values.length], Float32Array.from(values));

/** Gradient descent on (w x - y)^2, with a state and guarded outputs. */
const signature = { state: { w: float32(2) }, inputs: { x: float32(2), y: float32(2) } };

function descend(state: { readonly w: Tensor }, { x, y }: { readonly x: Tensor; readonly y: Tensor }) {
  const error = sub(mul(state.w, x), y);
  const loss = mean(mul(error, error));
  const { w } = gradients(loss, { w: state.w });
  return { state: { w: sub(state.w, mul(w, 0.1)) }, outputs: { loss } };
}

const runtimes: readonly Runtime[] = [node, new ReferenceRuntime()];

for (const runtime of runtimes) {
  describe(`a compiled step on ${runtime.name}`, () => {
    it('moves the state on the device, and hands back the rest', async () => {
      const step = await compile(runtime, descend, signature);
      const state = await runtime.createState();
      await state.write(new Map([['w', vector(1, 2)]]));
      const inputs = { x: vector(1, 1), y: vector(3, 3) };
      const { loss } = await step.run(state, inputs);
      expect(loss.data[0]).toBeCloseTo(2.5, 6);
      const w = (await state.read(['w'])).get('w');
      expect(w?.data[0]).toBeCloseTo(1.2, 6);
      expect(w?.data[1]).toBeCloseTo(2.1, 6);
    });

    it('forks a state: what happens to one does not happen to the other', async () => {
      const step = await compile(runtime, descend, signature);
      const state = await runtime.createState();
      await state.write(new Map([['w', vector(1, 2)]]));
      const fork = await state.fork();
      await step.run(fork, { x: vector(1, 1), y: vector(3, 3) });
      expect([...((await state.read()).get('w')?.data ?? [])]).toEqual([1, 2]);
      expect((await fork.read()).get('w')?.data[0]).not.toBe(1);
      expect(await fork.bytes()).toBe(8);
    });

    it('keeps the old state when a guarded output is not finite', async () => {
      const risky = (state: { readonly w: Tensor }, inputs: { readonly x: Tensor }) => {
        const quotient = sum(div(state.w, inputs.x));
        return { state: { w: add(state.w, quotient) }, outputs: { quotient } };
      };
      const types = { state: { w: float32(2) }, inputs: { x: float32(2) } };
      const step = await compile(runtime, risky, types, { guards: ['quotient'] });
      const state = await runtime.createState();
      await state.write(new Map([['w', vector(1, 2)]]));
      const { quotient } = await step.run(state, { x: vector(0, 1) });
      expect(quotient.data[0]).toBe(Infinity);
      expect([...((await state.read()).get('w')?.data ?? [])]).toEqual([1, 2]);
    });

    it('says which input is missing, and which has another type', async () => {
      const step = await compile(runtime, descend, signature);
      const state = await runtime.createState();
      const inputs = { x: vector(1, 1), y: vector(3, 3) };
      await expect(step.run(state, inputs)).rejects.toThrow(/no tensor "w"/);
      await state.write(new Map([['w', vector(1, 2)]]));
      await expect(step.run(state, { x: vector(1) } as never)).rejects.toThrow(/"y" is missing/);
      await expect(step.run(state, { ...inputs, x: vector(1, 2, 3) })).rejects.toThrow(/float32\[2\]/);
    });
  });
}

describe('a compiled step', () => {
  it('is one ONNX file that any ONNX Runtime executes, its inputs and outputs named by their paths', async () => {
    const { program } = buildProgram(descend, signature, { metadata: { made: 'by a test' } });
    const session = await InferenceSession.create(program.model);
    expect(session.inputNames).toEqual(['w', 'inputs.x', 'inputs.y']);
    expect(session.outputNames).toEqual(['next.w', 'outputs.loss']);
    const tensor = (...values: number[]): OrtTensor =>
      new OrtTensor('float32', Float32Array.from(values), [2]);
    const results = await session.run({
      w: tensor(1, 2),
      'inputs.x': tensor(1, 1),
      'inputs.y': tensor(3, 3),
    });
    expect(results['outputs.loss']?.data[0]).toBeCloseTo(2.5, 6);
    expect(results['next.w']?.data[0]).toBeCloseTo(1.2, 6);
  });

  it('leaves the event loop free while it runs, and counts what it copies', async () => {
    const size = 768;
    const step = await compile(
      node,
      (_, { a }) => {
        let product = a;
        for (let i = 0; i < 12; i++) product = matmul(product, a);
        return { outputs: { total: sum(product) } };
      },
      { state: {}, inputs: { a: float32(size, size) } },
    );
    const state = await node.createState();
    const a = new TensorData('float32', [size, size], new Float32Array(size * size));
    const before = { ...node.traffic };
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await step.run(state, { a });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    expect(node.traffic.bytesIn - before.bytesIn).toBe(4 * size * size);
    expect(node.traffic.bytesOut - before.bytesOut).toBe(4);
  });
});
