// The masked-language model against PyTorch, and what it learns from.
import { describe, expect, it } from 'vitest';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { EncoderConfigInput } from './encoder-config.js';
import type { MaskedLanguageModelParameters, MaskedSequences } from './masked-language-model.js';
import { loadFixture, parametersOf } from '../../test/support/fixtures.js';
import { expectReproduces, expectStepLowers } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { flattenTree } from '../core/tree.js';
import { constant } from '../engine/ops/constant.js';
import { typesOf } from '../engine/trace.js';
import { MaskedLanguageModel } from './masked-language-model.js';

describe('MaskedLanguageModel', () => {
  const fixture = loadFixture<EncoderConfigInput>('masked-language-model');
  const model = new MaskedLanguageModel(fixture.options);

  it('has the values and gradients of PyTorch', async () => {
    await expectReproduces(
      fixture,
      ['ids', 'lengths', 'places', 'targets'],
      (parameters: MaskedLanguageModelParameters<Tensor>, inputs) => {
        const batch = inputs as unknown as MaskedSequences<Tensor>;
        return { logits: model.logits(parameters, batch), loss: model.loss(parameters, batch).loss };
      },
    );
  });

  it('has the parameters of the fixture', () => {
    const types = flattenTree(typesOf(model.init(Random.fromSeed(1))) as unknown as Tree<unknown>);
    const expected = flattenTree(typesOf(parametersOf(fixture)) as Tree<unknown>);
    expect(new Map([...types].sort())).toEqual(new Map([...expected].sort()));
  });

  it('lowers its loss in one step', async () => {
    const batch = int32Constants({
      ids: [
        [1, 2, 3, 4],
        [5, 6, 0, 0],
      ],
      lengths: [4, 2],
      places: [1, 4],
      targets: [7, 8],
    });
    const parameters = model.init(Random.fromSeed(2)) as unknown as Tree<TensorData>;
    await expectStepLowers(
      parameters,
      (own) => model.loss(own as unknown as MaskedLanguageModelParameters<Tensor>, batch).loss,
    );
  });
});

function int32Constants(values: Readonly<Record<keyof MaskedSequences<unknown>, readonly unknown[]>>) {
  const entries = Object.entries(values).map(([name, rows]) => {
    const flat = rows.flat() as number[];
    const shape = flat.length === rows.length ? [rows.length] : [rows.length, flat.length / rows.length];
    return [name, constant(new HostTensor('int32', shape, Int32Array.from(flat)))];
  });
  return Object.fromEntries(entries) as MaskedSequences<Tensor>;
}
