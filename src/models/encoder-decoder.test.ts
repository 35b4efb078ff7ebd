// The encoder-decoder against PyTorch, and written token by token against written at once.
import { describe, expect, it } from 'vitest';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { EncoderDecoderParameters } from './encoder-decoder.js';
import type { EncoderDecoderConfigInput } from './encoder-decoder-config.js';
import type { SourceTokens } from './sequence-to-sequence.js';
import { loadFixture, parametersOf, tensorOf } from '../../test/support/fixtures.js';
import { expectReproduces } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { flattenTree } from '../core/tree.js';
import { compile } from '../engine/compile.js';
import { select, stack } from '../engine/ops/slicing.js';
import { typesOf } from '../engine/trace.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { EncoderDecoder } from './encoder-decoder.js';

const fixtures = ['encoder-decoder-pre-norm', 'encoder-decoder-post-norm', 'longformer-encoder-decoder'];

describe.each(fixtures)('EncoderDecoder as in %s', (name) => {
  const fixture = loadFixture<EncoderDecoderConfigInput>(name);
  const model = new EncoderDecoder(fixture.options);
  it('has the values and gradients of PyTorch', async () => {
    await expectReproduces(
      fixture,
      ['source', 'sourceLengths', 'inputs'],
      (parameters: EncoderDecoderParameters<Tensor>, inputs) => {
        const encoded = model.encode(parameters, sourceOf(inputs));
        return { logits: model.write(parameters, inputs['inputs'] as Tensor, encoded).logits };
      },
    );
  });

  it('has the parameters of the fixture', () => {
    const types = flattenTree(typesOf(model.init(Random.fromSeed(1))) as Tree<unknown>);
    const expected = flattenTree(typesOf(parametersOf(fixture)) as Tree<unknown>);
    expect(new Map([...types].sort())).toEqual(new Map([...expected].sort()));
  });

  it('writes token by token what it writes at once', async () => {
    await expectReproduces(
      fixture,
      ['source', 'sourceLengths', 'inputs'],
      (parameters: EncoderDecoderParameters<Tensor>, inputs) => ({
        logits: writtenInSteps(model, parameters, inputs).logits,
      }),
    );
  });

  it('looks at the tokens of the source and at no padding', async () => {
    const runtime = new NodeRuntime({ threads: 1 });
    const parameters = parametersOf<EncoderDecoderParameters<TensorData>>(fixture);
    const names = ['source', 'sourceLengths', 'inputs'];
    const inputs = Object.fromEntries(names.map((name) => [name, tensorOf(fixture, name)]));
    const program = await compile(
      runtime,
      (_: unknown, given) => ({
        outputs: writtenInSteps(model, given.parameters as never, given.inputs).attention,
      }),
      { state: {}, inputs: typesOf({ parameters, inputs }) },
    );
    const { data } = await program.run(await runtime.createState(), { parameters, inputs } as never);
    await runtime.dispose();
    const time = tensorOf(fixture, 'source').shape[1] ?? 0;
    tensorOf(fixture, 'sourceLengths').data.forEach((length, text) => {
      for (let row = 5 * text; row < 5 * text + 5; row++) {
        const weights = Array.from(data.slice(time * row, time * (row + 1)), Number);
        expect(weights.slice(0, length).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
        expect(weights.slice(length)).toEqual(weights.slice(length).map(() => 0));
      }
    });
  });
});

type Inputs = Readonly<Record<string, Tensor>>;

function sourceOf({ source, sourceLengths }: Inputs): SourceTokens<Tensor> {
  return { source: source as Tensor, sourceLengths: sourceLengths as Tensor };
}

/** Logits and attention [texts, time, ...] of steps one after another. */
function writtenInSteps(model: EncoderDecoder, parameters: EncoderDecoderParameters<Tensor>, inputs: Inputs) {
  const own = parameters as unknown as Tree<Tensor>;
  const written = inputs['inputs'] as Tensor;
  const { state: first, context } = model.begin(own, sourceOf(inputs), 7);
  let state = first;
  const readings = Array.from({ length: written.shape[1] ?? 0 }, (_, t) => {
    const reading = model.step(own, select(written, 1, t), state, context);
    state = reading.state;
    return reading;
  });
  const joined = (name: 'logits' | 'attention'): Tensor =>
    stack(
      readings.map((reading) => reading[name]),
      1,
    );
  return { logits: joined('logits'), attention: joined('attention') };
}

describe('EncoderDecoder', () => {
  const sizes = { vocabularySize: 7, width: 8, encoderLayers: 1, decoderLayers: 1, heads: 2, maxLength: 6 };

  it('refuses unknown keys and sizes that do not divide', () => {
    expect(() => new EncoderDecoder({ ...sizes, layer: 1 })).toThrow('unknown key "layer"');
    expect(() => new EncoderDecoder({ ...sizes, heads: 3 })).toThrow('width 8 is not a multiple of heads 3');
  });

  it('keeps two vocabularies and a head of its own when asked to', () => {
    const model = new EncoderDecoder({
      ...sizes,
      sourceVocabularySize: 5,
      tiedHead: false,
      position: 'learned',
    });
    const { encoder, decoder, head } = model.init(Random.fromSeed(1));
    expect(encoder.embedding?.weight.shape).toEqual([5, 8]);
    expect(decoder.embedding?.weight.shape).toEqual([7, 8]);
    expect(decoder.position?.weight.shape).toEqual([6, 8]);
    expect(head?.weight.shape).toEqual([7, 8]);
  });
});
