// The memory bank against loops over plain numbers, and under the contract of every memory.
import { describe, expect, it } from 'vitest';
import type { AnyMemory } from './memory-kind.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { expectClose, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { mapTree } from '../core/tree.js';
import { evaluateOnce } from '../engine/compile.js';
import { constant } from '../engine/ops/constant.js';
import { initialize } from '../nn/initializers.js';
import { MemoryBank } from './memory-bank.js';

keepsTheContract('memory bank', new MemoryBank({ width, slots: 3 }) as unknown as AnyMemory);

type Vector = readonly number[];

const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

function softmax(scores: Vector): Vector {
  const powers = scores.map(Math.exp);
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

function rowsOf({ shape, data }: TensorData): Vector[] {
  const size = shape.at(-1) ?? 1;
  return Array.from({ length: data.length / size }, (_, i) =>
    Array.from(data.slice(i * size, (i + 1) * size)),
  );
}

describe('MemoryBank', () => {
  const bank = new MemoryBank({ width: 4, slots: 3 });
  const parameters = bank.init(Random.fromSeed(1));
  const symbolic = mapTree<typeof parameters, TensorData, ReturnType<typeof constant>>(parameters, constant);
  const inputs = initialize({ normal: 1 }, [2, 5, 4], Random.fromSeed(2));

  /** x W + b */
  function linear(name: 'address' | 'content' | 'writeGate' | 'query' | 'readGate', x: Vector): Vector {
    const { weight, bias } = parameters[name];
    const rows = rowsOf(weight);
    return Array.from(
      bias?.data ?? [],
      (b, column) =>
        b +
        dot(
          x,
          rows.map((row) => row[column] ?? 0),
        ),
    );
  }

  /** Outputs of one sequence, slot by slot and number by number. */
  function naive(sequence: readonly Vector[]): Vector[] {
    let slots = rowsOf(parameters.initial);
    const attend = (key: Vector): Vector => softmax(slots.map((slot) => dot(slot, key) / 2));
    return sequence.map((x) => {
      const [shares, gate] = [attend(linear('address', x)), linear('writeGate', x).map(sigmoid)];
      const content = linear('content', x).map(Math.tanh);
      slots = slots.map((slot, j) =>
        slot.map((old, i) => old + (shares[j] ?? 0) * (gate[i] ?? 0) * ((content[i] ?? 0) - old)),
      );
      const weights = attend(linear('query', x));
      const found = x.map((_, i) =>
        dot(
          weights,
          slots.map((slot) => slot[i] ?? 0),
        ),
      );
      return linear('readGate', x).map((value, i) => sigmoid(value) * (found[i] ?? 0));
    });
  }

  it.each(runtimes)('reads as loops over plain numbers do, on $name', async (runtime) => {
    const { output } = await evaluateOnce(
      runtime,
      (x) => ({ output: bank.read(symbolic, x).output }),
      inputs,
    );
    const rows = rowsOf(inputs);
    const expected = [naive(rows.slice(0, 5)), naive(rows.slice(5))].flat(2);
    expectClose(output, new TensorData('float32', [2, 5, 4], Float32Array.from(expected)));
  });

  it.each(runtimes)('finds by a query what an update wrote, on $name', async (runtime) => {
    const x = new TensorData('float32', [2, 4], inputs.data.slice(0, 8));
    const { stepped, separate } = await evaluateOnce(
      runtime,
      (token) => {
        const written = bank.update(symbolic, bank.initialise(symbolic, 2), token);
        const state = mapTree(bank.initialState(2), constant);
        return {
          separate: bank.query(symbolic, written, token).output,
          stepped: bank.step(symbolic, token, state).output,
        };
      },
      x,
    );
    expectClose(separate, stepped);
  });

  it('refuses sizes that are none', () => {
    expect(() => new MemoryBank({ width: 4, slots: 0 })).toThrow(
      'slots is 0; it must be a whole number above 0',
    );
  });
});
