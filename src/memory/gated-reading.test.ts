// Gated reading against a loop over PyTorch's GRU cell, and what gates of 0 and 1 mean.
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import type { BoundCell, CellParameters } from './recurrent-cell.js';
import { expectClose, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import { constant, full, placeholder } from '../engine/ops/constant.js';
import { select } from '../engine/ops/slicing.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { float32 } from '../engine/trace.js';
import { initialize } from '../nn/initializers.js';
import { attentionGruCell } from './attention-gru.js';
import { readGated } from './gated-reading.js';
import { gruCell } from './gru-cell.js';

const [batch, time, width] = [2, 4, 3];

function parametersFor(gates: number): CellParameters<Tensor> {
  const weight = (name: string, shape: readonly number[]): Tensor =>
    constant(initialize({ normal: 0.5 }, shape, Random.fromSeed(1).split(name)));
  return {
    inputWeight: weight('inputWeight', [width, gates * width]),
    hiddenWeight: weight('hiddenWeight', [width, gates * width]),
    inputBias: weight('inputBias', [gates * width]),
    hiddenBias: weight('hiddenBias', [gates * width]),
  };
}

const x = initialize({ normal: 1 }, [batch, time, width], Random.fromSeed(2));
const shares = initialize({ uniform: 0.5 }, [batch, time], Random.fromSeed(3));
const gates = new TensorData(
  'float32',
  [batch, time],
  shares.data.map((value) => Number(value) + 0.5),
);
const cells: readonly (readonly [string, BoundCell])[] = [
  ['gru', gruCell.bind(parametersFor(3))],
  ['attention-gru', attentionGruCell.bind(parametersFor(2))],
];

describe.each(cells)('readGated with %s', (_, cell) => {
  it.each(runtimes)('is a loop of steps, each taken over by its gate, on $name', async (runtime) => {
    const { final, expected } = await evaluateOnce(
      runtime,
      (xs, gs) => {
        let hidden = full(0, 'float32', [batch, width]);
        for (let t = 0; t < time; t++) {
          const gate = constant(columnOf(gates, t));
          const proposed = cell.step(cell.fromInput(select(xs, 1, t)), { hidden }).state.hidden;
          hidden = add(mul(gate, proposed), mul(sub(1, gate), hidden));
        }
        return { final: readGated(cell, xs, gs, width).final, expected: hidden };
      },
      x,
      gates,
    );
    expectClose(final, expected);
  });

  it.each(runtimes)('passes over tokens whose gate is 0, from either end, on $name', async (runtime) => {
    const mask = new TensorData('float32', [batch, time], Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0));
    const { forward, backward, short, reversed } = await evaluateOnce(
      runtime,
      (xs, gs) => {
        const two = constant(takeTimes([0, 2]));
        const ones = full(1, 'float32', [batch, 2]);
        return {
          forward: readGated(cell, xs, gs, width).final,
          backward: readGated(cell, xs, gs, width, { reverse: true }).final,
          short: readGated(cell, two, ones, width).final,
          reversed: readGated(cell, constant(takeTimes([2, 0])), ones, width).final,
        };
      },
      x,
      mask,
    );
    expectClose(forward, short);
    expectClose(backward, reversed);
  });
});

/** Column t of [batch, time] as [batch, 1]. */
function columnOf({ data }: TensorData, t: number): TensorData {
  return new TensorData(
    'float32',
    [batch, 1],
    Float32Array.from({ length: batch }, (_, b) => data[b * time + t] ?? 0),
  );
}

/** Some tokens of x. */
function takeTimes(times: readonly number[]): TensorData {
  const values = Array.from({ length: batch }, (_, b) =>
    times.map((t) => Array.from(x.data.slice((b * time + t) * width, (b * time + t + 1) * width))),
  ).flat(2);
  return new TensorData('float32', [batch, times.length, width], Float32Array.from(values));
}

describe('readGated', () => {
  it('says which gates fit', () => {
    const cell = gruCell.bind(parametersFor(3));
    const at = (...shape: number[]): Tensor => placeholder(float32(...shape), 'x');
    expect(() => readGated(cell, at(2, 4, 3), at(2, 3), width)).toThrow(
      'gates must be [2, 4], one for each token',
    );
  });
});
