import { describe, expect, it } from 'vitest';
import { loadFixture, tensorOf, treeUnder } from '../../test/support/fixtures.js';
import { runOptimizer } from '../../test/support/optimize.js';
import { expectClose, runtimes } from '../../test/support/reproduce.js';
import { TensorData } from '../core/tensor-data.js';
import type { SgdOptions } from './sgd.js';
import { sgd } from './sgd.js';
import { chain } from './transformation.js';
import { addDecayedWeights } from './weight-decay.js';

const steps = [0, 1, 2, 3, 4];

describe.each(runtimes)('sgd on $name', (runtime) => {
  it.each(['sgd', 'sgd-momentum', 'sgd-nesterov'])(
    '%s moves as PyTorch does for five steps',
    async (name) => {
      const fixture = loadFixture<SgdOptions>(name);
      const gradients = steps.map((step) => treeUnder(fixture, `gradients.${step}`));
      const initial = treeUnder(fixture, 'initial');
      const snapshots = await runOptimizer(runtime, sgd(fixture.options), initial, gradients);
      for (const part of ['weight', 'bias']) {
        snapshots.forEach((after, step) => {
          expectClose(
            after.get(`parameters.${part}`) as TensorData,
            tensorOf(fixture, `after.${step}.${part}`),
            `${part} after step ${step}`,
          );
        });
        const momentum = snapshots.at(-1)?.get(`optimizer.0.momentum.${part}`);
        expect(momentum === undefined).toBe(fixture.options.momentum === 0);
        if (momentum !== undefined) expectClose(momentum, tensorOf(fixture, `momentum.${part}`));
      }
    },
  );

  it('takes L2 regularization in front of the momentum', async () => {
    const two = new TensorData('float32', [1, 1], Float32Array.of(2));
    const zero = new TensorData('float32', [1, 1], Float32Array.of(0));
    const optimizer = chain(addDecayedWeights(0.5), sgd({ learningRate: 0.1, momentum: 0.9 }));
    const [first, second] = await runOptimizer(runtime, optimizer, { w: two }, [{ w: zero }, { w: zero }]);
    // b = 0.5 * 2 = 1, w = 2 - 0.1; then b = 0.9 + 0.5 * 1.9 = 1.85, w = 1.9 - 0.185
    expect(first?.get('parameters.w')?.data[0]).toBeCloseTo(1.9, 6);
    expect(second?.get('parameters.w')?.data[0]).toBeCloseTo(1.715, 6);
  });
});
