import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphOf, opCases } from '../../test/support/op-cases.js';
import { randomGraphs } from '../../test/support/random-graphs.js';
import type { TensorData } from '../core/tensor-data.js';
import { checkClose } from '../testing/check-op.js';
import { randomTensor } from '../testing/tensors.js';
import { check } from './check.js';
import type { Graph, Tensor } from './graph.js';
import { nodesOf } from './graph.js';
import { add, div, mul } from './ops/arithmetic.js';
import { vector } from './ops/constant.js';
import { sum } from './ops/reduce.js';
import { exp, sin, tanh } from './ops/unary.js';
import { lower } from './onnx/lower.js';
import { optimize } from './optimize.js';
import { NodeExecutor } from './runtime/node-executor.js';
import { printGraph } from './print.js';
import { evaluate } from './runtime/reference.js';
import { float32, trace } from './trace.js';

const namesIn = (graph: Graph): string[] => nodesOf(graph).map((node) => node.op.name);

const described = (prefix: string, tensors: readonly Tensor[]) =>
  tensors.map((type, i) => ({ name: `${prefix}_${i}`, type }));

async function runNatively(
  executor: NodeExecutor,
  graph: Graph,
  values: TensorData[],
): Promise<TensorData[]> {
  const plan = { inputs: described('input', graph.inputs), outputs: described('output', graph.outputs) };
  const program = await executor.load({ ...plan, model: lower(graph), guards: [] });
  const results = await executor.run(program, new Map(), values);
  await executor.unload(program);
  return results;
}

describe('optimize', () => {
  it('keeps graphs legal and what they compute, after every pass', () => {
    fc.assert(
      fc.property(randomGraphs('float64'), fc.nat(), (graph, seed) => {
        const values = graph.inputs.map(({ dtype, shape }, i) =>
          randomTensor(shape, { seed: seed + i, dtype }),
        );
        const expected = evaluate(graph, values);
        optimize(graph, (after, pass) => {
          check(after, pass);
          evaluate(after, values).forEach((value, i) => {
            checkClose(`output ${i} after ${pass}`, value, expected[i] ?? value, 1e-9);
          });
        });
        const optimized = optimize(graph);
        check(optimized, 'optimize');
        evaluate(optimized, values).forEach((value, i) =>
          checkClose('optimize', value, expected[i] ?? value, 1e-9),
        );
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('and lowering keep what graphs compute, in ONNX Runtime', async () => {
    const executor = new NodeExecutor({ threads: 2 });
    await fc.assert(
      fc.asyncProperty(randomGraphs('float32'), async (graph) => {
        const values = graph.inputs.map(({ shape }, i) => randomTensor(shape, { seed: i }));
        const expected = evaluate(graph, values);
        const results = await runNatively(executor, optimize(graph), values);
        results.forEach((value, i) => checkClose(`output ${i}`, value, expected[i] ?? value, 1e-4));
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('never adds work', () => {
    fc.assert(
      fc.property(randomGraphs('float32'), (graph) => {
        expect(nodesOf(optimize(graph)).length).toBeLessThanOrEqual(nodesOf(graph).length);
      }),
    );
  });

  it('finds nothing more to do the second time', () => {
    fc.assert(
      fc.property(randomGraphs('float32'), (graph) => {
        const once = optimize(graph);
        expect(printGraph(optimize(once))).toBe(printGraph(once));
      }),
    );
  });

  it.each(opCases)('leaves the meaning of %s alone', (_, example) => {
    const graph = graphOf(example);
    const optimized = optimize(graph, check);
    evaluate(optimized, example.inputs).forEach((value, i) => {
      expect(value).toEqual(evaluate(graph, example.inputs)[i]);
    });
  });

  it('computes what is constant while compiling', () => {
    const { graph } = trace((x: Tensor) => mul(x, div(add(exp(vector([0, 0])), 1), 4)), float32(2));
    expect(printGraph(optimize(graph))).toMatchInlineSnapshot(`
      "(%0: float32[2] arg0) {
        %1: float32[2] = constant() {value: [0.5, 0.5]}
        %2: float32[2] = mul(%0, %1)
        return %2
      }"
    `);
  });

  it('computes equal expressions once, and what nobody needs never', () => {
    const { graph } = trace((x: Tensor) => {
      sin(x);
      return add(tanh(mul(x, x)), sum(tanh(mul(x, x)), 0));
    }, float32(2));
    expect(namesIn(optimize(graph))).toEqual(['mul', 'tanh', 'sum', 'add']);
  });
});
