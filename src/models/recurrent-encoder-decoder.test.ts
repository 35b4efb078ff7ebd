// The recurrent encoder-decoder against PyTorch, trained and stepped.
import { describe, expect, it } from 'vitest';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import { loadFixture, parametersOf } from '../../test/support/fixtures.js';
import { expectReproduces } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { flattenTree } from '../core/tree.js';
import { select, stack } from '../engine/ops/slicing.js';
import { typesOf } from '../engine/trace.js';
import { RecurrentEncoderDecoder } from './recurrent-encoder-decoder.js';

const fixture = loadFixture('recurrent-encoder-decoder');
const model = new RecurrentEncoderDecoder(fixture.options);
const inputs = ['source', 'sourceLengths', 'inputs', 'targets'];

/** Logits [texts, time, vocabularySize] of steps one after another. */
function writtenInSteps(parameters: Tree<Tensor>, given: Readonly<Record<string, Tensor>>): Tensor {
  const written = given['inputs'] as Tensor;
  let { state, context } = model.begin(parameters, given as never);
  const logits = Array.from({ length: written.shape[1] ?? 0 }, (_, t) => {
    const reading = model.step(parameters, select(written, 1, t), state, context);
    state = reading.state;
    return reading.logits;
  });
  return stack(logits, 1);
}

describe('RecurrentEncoderDecoder', () => {
  it('has the loss, the logits and the gradients of PyTorch', async () => {
    await expectReproduces(fixture, inputs, (parameters: Tree<Tensor>, given) => ({
      loss: model.loss(parameters, given as never).loss,
      logits: writtenInSteps(parameters, given),
    }));
  });

  it('has the parameters of the fixture', () => {
    const types = flattenTree(typesOf(model.init(Random.fromSeed(1))) as unknown as Tree<unknown>);
    const expected = flattenTree(typesOf(parametersOf(fixture)) as unknown as Tree<unknown>);
    expect(new Map([...types].sort())).toEqual(new Map([...expected].sort()));
  });

  it('refuses a configuration that it does not know', () => {
    expect(
      () => new RecurrentEncoderDecoder({ vocabularySize: 5, width: 4, maxLength: 4, hidden: 3 }),
    ).toThrow('unknown key "hidden"');
  });
});
