import { describe, expect, it } from 'vitest';
import { loadFixture, tensorOf } from '../../test/support/fixtures.js';
import { expectClose, expectReproduces, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import type { Tensor } from '../engine/graph.js';
import { placeholder } from '../engine/ops/constant.js';
import { concat, slice } from '../engine/ops/slicing.js';
import { float32 } from '../engine/trace.js';
import { initialize } from './initializers.js';
import type { RotaryConvention } from './rotary.js';
import { Rotary } from './rotary.js';

interface RotaryFixture {
  readonly base: number;
  readonly convention: RotaryConvention;
  readonly start: number;
}

const scalar = (value: number): TensorData => new TensorData('int32', [], Int32Array.of(value));
const x = initialize({ normal: 1 }, [2, 2, 5, 8], Random.fromSeed(1));

describe('Rotary', () => {
  const names = ['rotary-half-split', 'rotary-half-split-later', 'rotary-interleaved'];

  it.each(names)('%s turns as PyTorch does, and its gradient turns back', async (name) => {
    const fixture = loadFixture<RotaryFixture>(name);
    const { start, ...options } = fixture.options;
    const rotary = new Rotary({ headSize: 8, ...options });
    await expectReproduces(fixture, ['x'], (_, { x }) => rotary.apply(x as Tensor, start));
  });

  it.each(names)('%s turns alike when the start is known only at run time', async (name) => {
    const fixture = loadFixture<RotaryFixture>(name);
    const { start, ...options } = fixture.options;
    const rotary = new Rotary({ headSize: 8, ...options });
    for (const runtime of runtimes) {
      const turn = (x: Tensor, start: Tensor): Tensor => rotary.apply(x, start);
      const output = await evaluateOnce(runtime, turn, tensorOf(fixture, 'x'), scalar(start));
      expectClose(output, tensorOf(fixture, 'output'));
    }
  });

  it.each(runtimes)('on $name, turns one step at a time as it turns a segment', async (runtime) => {
    const rotary = new Rotary({ headSize: 8 });
    const both = await evaluateOnce(
      runtime,
      (x: Tensor) => ({
        segment: rotary.apply(x, 100),
        steps: concat(
          [0, 1, 2, 3, 4].map((t) => rotary.apply(slice(x, 2, t, t + 1), 100 + t)),
          2,
        ),
      }),
      x,
    );
    expect(both.steps).toEqual(both.segment);
  });

  it.each(runtimes)('on $name, keeps its precision at far positions', async (runtime) => {
    const rotary = new Rotary({ headSize: 8 });
    for (const position of [4095, 65_000, 1_000_000, 16_777_217, 2_147_483_000]) {
      const both = await evaluateOnce(
        runtime,
        (x: Tensor, start: Tensor) => ({
          exact: rotary.apply(x, position),
          computed: rotary.apply(x, start),
        }),
        x,
        scalar(position),
      );
      expectClose(both.computed, both.exact, `position ${position}`);
    }
  });

  it('refuses an odd head size, and inputs that are no heads', () => {
    expect(() => new Rotary({ headSize: 7 })).toThrow('must be even');
    const rotary = new Rotary({ headSize: 8 });
    expect(() => rotary.apply(placeholder(float32(2, 5, 8), 'x'))).toThrow(
      'Rotary(8) got input [2, 5, 8]: it must be [batch, heads, time, headSize].',
    );
    expect(() => rotary.apply(placeholder(float32(2, 2, 5, 6), 'x'))).toThrow(
      'Rotary(8) got input [2, 2, 5, 6]: last axis must be 8.',
    );
  });
});
