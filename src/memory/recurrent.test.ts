// Stacks of recurrent layers: padding, and gates that nobody looks at. Their kinds are compared with PyTorch elsewhere.
import { describe, expect, it } from 'vitest';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { Recurrent, RecurrentParameters, RecurrentReadOptions } from './recurrent.js';
import { expectClose, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { flattenTree, leavesOf, mapTree } from '../core/tree.js';
import { evaluateOnce } from '../engine/compile.js';
import { gradients } from '../engine/grad.js';
import { nodesOf } from '../engine/graph.js';
import { observing } from '../engine/observe.js';
import { add, mul } from '../engine/ops/arithmetic.js';
import { constant, placeholder } from '../engine/ops/constant.js';
import { sum } from '../engine/ops/reduce.js';
import { concat, pad, slice } from '../engine/ops/slicing.js';
import { optimize } from '../engine/optimize.js';
import { float32, int32 } from '../engine/trace.js';
import { initialize } from '../nn/initializers.js';
import { Gru } from './gru.js';
import { Lstm } from './lstm.js';
import { Rnn } from './rnn.js';

const [batch, time, width] = [3, 5, 4];
const lengths = [2, 5, 3] as const;
const x = initialize({ normal: 1 }, [batch, time, width], Random.fromSeed(2));
const lengthsData = new TensorData('int32', [batch], Int32Array.from(lengths));

const kinds: readonly (readonly [string, Recurrent])[] = [
  ['rnn', new Rnn({ width, layers: 2 })],
  ['gru', new Gru({ width, layers: 2 })],
  ['lstm', new Lstm({ width, layers: 2 })],
];

function parametersOf(memory: Recurrent): RecurrentParameters<Tensor> {
  const values = memory.init(Random.fromSeed(1));
  return mapTree<typeof values, TensorData, Tensor>(values, constant) as RecurrentParameters<Tensor>;
}

/** Outputs, the final states of all layers side by side, and the sum of their cubes. */
function pass(
  memory: Recurrent,
  parameters: RecurrentParameters<Tensor>,
  input: Tensor,
  options: RecurrentReadOptions,
) {
  const { output, state } = memory.read(parameters, input, undefined, options);
  const states = concat(leavesOf(state as unknown as Tree<Tensor>));
  const cubes = [output, states].map((tensor) => sum(mul(mul(tensor, tensor), tensor)));
  return { output, states, loss: cubes.reduce((a, b) => add(a, b)) };
}

describe.each(kinds)('padding of a stacked %s', (_, memory) => {
  const cases = runtimes.flatMap((runtime) => [false, true].map((reverse) => ({ runtime, reverse })));

  it.each(cases)(
    'is as if it were not there: $runtime.name, reverse: $reverse',
    async ({ runtime, reverse }) => {
      const results = await evaluateOnce(
        runtime,
        (input, given) => {
          const parameters = parametersOf(memory);
          const together = pass(memory, parameters, input, { lengths: given, reverse });
          // Each sequence by itself, cut where it ends.
          const alone = lengths.map((length, i) =>
            pass(memory, parameters, slice(slice(input, 0, i, i + 1), 1, 0, length), { reverse }),
          );
          const outputs = alone.map(({ output }, i) =>
            pad(output, [
              [0, 0],
              [0, time - (lengths[i] ?? 0)],
              [0, 0],
            ]),
          );
          const sources = { parameters, input };
          return {
            actual: { ...together, gradient: gradients(together.loss, sources) },
            expected: {
              output: concat(outputs, 0),
              states: concat(
                alone.map(({ states }) => states),
                0,
              ),
              gradient: gradients(
                alone.map(({ loss }) => loss).reduce((a, b) => add(a, b)),
                sources,
              ),
            },
          };
        },
        x,
        lengthsData,
      );
      const actual = flattenTree(results.actual as unknown as Tree<TensorData>);
      for (const [path, tensor] of flattenTree(results.expected as unknown as Tree<TensorData>))
        expectClose(actual.get(path) as TensorData, tensor, path);
    },
  );

  it('needs one length for each sequence', () => {
    const given = { lengths: placeholder(int32(2), 'lengths') };
    expect(() =>
      memory.read(parametersOf(memory), placeholder(float32(3, 5, 4), 'x'), undefined, given),
    ).toThrow('lengths must be int32 [3]');
  });
});

describe('gates that nobody looks at', () => {
  /** Tensors that the loop of one layer stacks over time. */
  function stacked(memory: Recurrent, isObserved: boolean): number {
    const input = placeholder(float32(batch, time, width), 'x');
    const { result, observed } = observing(() => memory.read(parametersOf(memory), input));
    const shown = isObserved ? [...observed.values()] : [];
    const loops = nodesOf(optimize({ inputs: [input], outputs: [result.output, ...shown] })).filter(
      ({ op }) => op.name === 'scan',
    );
    expect(loops).toHaveLength(1);
    const [loop] = loops;
    return (loop?.outputs.length ?? NaN) - Number(loop?.attributes['carries']);
  }

  it.each([
    ['gru', new Gru({ width }), 2],
    ['lstm', new Lstm({ width }), 3],
  ] as const)('are not kept by the loop of a %s', (_, memory, gates) => {
    expect(stacked(memory, false)).toBe(1);
    expect(stacked(memory, true)).toBe(1 + gates);
  });
});
