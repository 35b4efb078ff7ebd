// Recurrent layers in both directions against PyTorch, with padding.
import { describe, expect, it } from 'vitest';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { BidirectionalParameters } from './bidirectional.js';
import type { RecurrentOptions } from './recurrent.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { flattenTree, mapTree } from '../core/tree.js';
import { evaluateOnce } from '../engine/compile.js';
import { add } from '../engine/ops/arithmetic.js';
import { constant } from '../engine/ops/constant.js';
import { slice } from '../engine/ops/slicing.js';
import { ReferenceRuntime } from '../engine/runtime/reference-runtime.js';
import { loadFixture, tensorOf } from '../../test/support/fixtures.js';
import { expectClose, expectReproduces } from '../../test/support/reproduce.js';
import { initialize } from '../nn/initializers.js';
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

it('adds what both directions say where they are to be summed', async () => {
  const [size, random] = [{ width: 3 }, Random.fromSeed(4)];
  const [joined, summed] = [new Bidirectional(Gru, size), new Bidirectional(Gru, { ...size, join: 'sum' })];
  expect([joined.outputSize, summed.outputSize]).toEqual([6, 3]);
  const values = joined.init(random);
  const results = await evaluateOnce(
    new ReferenceRuntime(),
    (x, lengths) => {
      const own = mapTree(values, constant) as BidirectionalParameters<Tensor>;
      const [both, one] = [joined, summed].map((layer) => layer.read(own, x, { lengths }));
      const halves = (x: Tensor): Tensor => add(slice(x, -1, 0, 3), slice(x, -1, 3));
      return {
        actual: [one?.output, one?.summary] as Tensor[],
        expected: [both?.output, both?.summary].map((x) => halves(x as Tensor)),
      };
    },
    initialize({ normal: 1 }, [2, 4, 3], random.split('x')),
    new TensorData('int32', [2], Int32Array.of(4, 2)),
  );
  results.expected.forEach((tensor, i) => expectClose(results.actual[i] as TensorData, tensor));
});

it('names the joins there are', () => {
  expect(() => new Bidirectional(Gru, { width: 4, join: 'concatenate' as 'concat' })).toThrow(
    /no join "concatenate"/,
  );
});
