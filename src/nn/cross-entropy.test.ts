import { describe, expect, it } from 'vitest';
import { fixtureNames, loadFixture } from '../../test/support/fixtures.js';
import { expectClose, expectReproduces, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import { gradients } from '../engine/grad.js';
import type { Tensor } from '../engine/graph.js';
import { placeholder, vector } from '../engine/ops/constant.js';
import { float32, int32 } from '../engine/trace.js';
import type { CrossEntropyOptions } from './cross-entropy.js';
import { crossEntropy } from './cross-entropy.js';
import { initialize } from './initializers.js';

const ids = (...targets: number[]): TensorData =>
  new TensorData('int32', [targets.length], Int32Array.from(targets));
const zeros = (rows: number, classes: number): TensorData =>
  initialize('zeros', [rows, classes], Random.fromSeed(1));

const evaluate = (
  runtime: (typeof runtimes)[number],
  logits: TensorData,
  targets: TensorData,
  options = {},
) =>
  evaluateOnce(
    runtime,
    (logits: Tensor, targets: Tensor) => {
      const result = crossEntropy(logits, targets, options);
      return { ...result, gradient: gradients(result.loss, logits) };
    },
    logits,
    targets,
  );

describe('crossEntropy', () => {
  const names = fixtureNames().filter((name) => name.startsWith('cross-entropy'));

  it.each(names)('%s: the loss and its gradient are those of PyTorch', async (name) => {
    const fixture = loadFixture<CrossEntropyOptions>(name);
    await expectReproduces(fixture, ['logits', 'targets'], (_, { logits, targets }) => ({
      loss: crossEntropy(logits as Tensor, targets as Tensor, fixture.options).loss,
    }));
  });

  it.each(runtimes)('on $name, sums over the targets that count', async (runtime) => {
    const { loss, sum, count } = await evaluate(runtime, zeros(4, 8), ids(2, -1, 7, 0));
    expect(count.data[0]).toBe(3);
    expect(sum.data[0]).toBeCloseTo(3 * Math.log(8), 5);
    expect(loss.data[0]).toBeCloseTo(Math.log(8), 6);
  });

  it.each(runtimes)('on $name, counts each target by its weight, as computed by hand', async (runtime) => {
    const logits = new TensorData('float32', [3, 2], Float32Array.of(0, 0, Math.log(3), 0, 5, 5));
    const weights = vector([1, 3, 100]);
    const { loss, sum, count } = await evaluate(runtime, logits, ids(0, 0, -1), { weights });
    const total = Math.log(2) + 3 * Math.log(4 / 3);
    expect(count.data[0]).toBe(2);
    expect(sum.data[0]).toBeCloseTo(total, 5);
    expect(loss.data[0]).toBeCloseTo(total / 4, 6);
  });

  it.each(runtimes)('on $name, ignores a class that is named', async (runtime) => {
    const { count, gradient } = await evaluate(runtime, zeros(3, 2), ids(0, 1, 0), { ignoreIndex: 0 });
    expect(count.data[0]).toBe(1);
    expectClose(gradient, new TensorData('float32', [3, 2], Float32Array.of(0, 0, 0.5, -0.5, 0, 0)));
  });

  it.each(runtimes)('on $name, is 0 with no gradient when nothing counts', async (runtime) => {
    const { loss, count, gradient } = await evaluate(runtime, zeros(2, 3), ids(-1, -1), {
      labelSmoothing: 0.1,
    });
    expect([loss.data[0], count.data[0]]).toEqual([0, 0]);
    expect(gradient.data.every((value) => value === 0)).toBe(true);
  });

  it.each(runtimes)(
    'on $name, is NaN when a target is no class, so that a guard can stop the step',
    async (runtime) => {
      for (const target of [3, -2]) {
        const { loss } = await evaluate(runtime, zeros(2, 3), ids(1, target));
        expect(loss.data[0]).toBeNaN();
      }
    },
  );

  it('refuses targets that do not fit', () => {
    const logits = placeholder(float32(2, 5, 11), 'logits');
    expect(() => crossEntropy(logits, placeholder(int32(2, 4), 'targets'))).toThrow(
      'crossEntropy got input [2, 5, 11]: targets are int32[2, 4], they must be int32[2, 5].',
    );
    expect(() => crossEntropy(logits, placeholder(float32(2, 5), 'targets'))).toThrow(
      'targets are float32[2, 5], they must be int32[2, 5]',
    );
  });

  it('refuses a smoothing that is no probability', () => {
    const [logits, targets] = [placeholder(float32(2, 3), 'logits'), placeholder(int32(2), 'targets')];
    expect(() => crossEntropy(logits, targets, { labelSmoothing: 1 })).toThrow('at least 0 and below 1');
  });
});
