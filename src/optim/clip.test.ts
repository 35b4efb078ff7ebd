import { describe, expect, it } from 'vitest';
import { loadFixture, tensorOf } from '../../test/support/fixtures.js';
import { expectClose, runtimes } from '../../test/support/reproduce.js';
import { evaluateOnce } from '../engine/compile.js';
import type { Tensor } from '../engine/graph.js';
import { clipByGlobalNorm, globalNorm } from './clip.js';
import { scale } from './scale.js';
import { chain } from './transformation.js';
import type { Update } from './update.js';
import { updatesFrom } from './update.js';

interface Parts<T> extends Record<string, T> {
  readonly weight: T;
  readonly bias: T;
}

const fixture = loadFixture<{ maxNorm: number }>('clip-global-norm');

describe.each(runtimes)('clipByGlobalNorm on $name', (runtime) => {
  it.each([0, 1, 2, 3, 4])('clips case %i as PyTorch does, and tells the norm', async (index) => {
    const clip = clipByGlobalNorm(fixture.options.maxNorm);
    const result = await evaluateOnce(
      runtime,
      (weight: Tensor, bias: Tensor) => {
        const gradients = { weight, bias };
        const clipped = clip.update(updatesFrom(gradients, gradients), {}).updates as Parts<Update>;
        const values = { weight: clipped.weight.value(), bias: clipped.bias.value() };
        return { norm: globalNorm(gradients), ...values };
      },
      tensorOf(fixture, `gradients.${index}.weight`),
      tensorOf(fixture, `gradients.${index}.bias`),
    );
    expect(result.norm.data[0]).toBeCloseTo(tensorOf(fixture, 'norms').data[index] ?? Number.NaN, 5);
    expectClose(result.weight, tensorOf(fixture, `clipped.${index}.weight`), 'weight');
    expectClose(result.bias, tensorOf(fixture, `clipped.${index}.bias`), 'bias');
  });

  it('sees what earlier transformations made of the gradients', async () => {
    const shrunk = chain(scale(1e-3), clipByGlobalNorm(1));
    const gradient = tensorOf(fixture, 'gradients.3.weight');
    const { before, after } = await evaluateOnce(
      runtime,
      (g: Tensor) => {
        const { w } = shrunk.update(updatesFrom({ w: g }, { w: g }), [{}, {}]).updates as { w: Update };
        return { before: scaleOnly(g), after: w.value() };
      },
      gradient,
    );
    expectClose(after, before);
  });
});

function scaleOnly(g: Tensor): Tensor {
  const { w } = scale(1e-3).update(updatesFrom({ w: g }, { w: g }), {}).updates as { w: Update };
  return w.value();
}
