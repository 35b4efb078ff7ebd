// Recurrent layers in both directions against PyTorch, with padding.
import { describe, expect, it } from 'vitest';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { BidirectionalParameters } from './bidirectional.js';
import type { RecurrentOptions } from './recurrent.js';
import { flattenTree } from '../core/tree.js';
import { loadFixture, tensorOf } from '../../test/support/fixtures.js';
import { expectReproduces } from '../../test/support/reproduce.js';
import { Bidirectional } from './bidirectional.js';
import { Gru } from './gru.js';
import { Lstm } from './lstm.js';

interface Sizes {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
}

const kinds = { gru: Gru, lstm: Lstm } as const;

describe.each(['gru', 'lstm'] as const)('two bidirectional layers of %s', (name) => {
  const fixture = loadFixture<Sizes>(`${name}-bidirectional`);
  const { inputSize, hiddenSize: width, layers } = fixture.options;

  it('have the outputs, final states and gradients of PyTorch on padded sequences', async () => {
    const layer = new Bidirectional<RecurrentOptions>(kinds[name], { inputSize, width, layers });
    await expectReproduces(
      fixture,
      ['x', 'lengths'],
      (parameters: BidirectionalParameters<Tensor>, { x, lengths }) => {
        const { output, state } = layer.read(parameters, x as Tensor, { lengths: lengths as Tensor });
        const finals = [...flattenTree(state as unknown as Tree<Tensor>)].map(
          ([path, tensor]) => [`finalState.${path}`, tensor] as const,
        );
        return { output, ...Object.fromEntries(finals) };
      },
    );
  });

  it('are compared on a batch whose padding gives no output and gets no gradient', () => {
    const lengths = [...tensorOf(fixture, 'lengths').data].map(Number);
    for (const tensor of ['output', 'grad.x']) {
      const { shape, data } = tensorOf(fixture, tensor);
      const [, time = 0, size = 0] = shape;
      lengths.forEach((length, sequence) => {
        const padding = data.slice((sequence * time + length) * size, (sequence + 1) * time * size);
        expect([...padding].every((value) => Number(value) === 0)).toBe(true);
      });
    }
  });
});

it('names the joins there are', () => {
  expect(() => new Bidirectional(Gru, { width: 4, join: 'concatenate' as 'concat' })).toThrow(
    /no join "concatenate"/,
  );
});
