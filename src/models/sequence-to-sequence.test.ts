// What every encoder-decoder owes whoever trains it: losses of sequences that are weighted one by one.
import { afterAll, expect, it } from 'vitest';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { SequencePairs } from './sequence-to-sequence.js';
import { Random } from '../core/random.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { flattenTree } from '../core/tree.js';
import { compile } from '../engine/compile.js';
import { gradients } from '../engine/grad.js';
import { select, stack } from '../engine/ops/slicing.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { typesOf } from '../engine/trace.js';
import { createSequenceToSequence, sequenceToSequenceKinds } from './create-sequence-to-sequence.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const sizes = { vocabularySize: 9, width: 8, maxLength: 6 };
const layers = { encoderLayers: 1, decoderLayers: 1, heads: 2 };
const rows = [
  { source: [3, 4, 5], inputs: [1, 4, 6], targets: [4, 6, 2] },
  { source: [7, 8, 2], inputs: [1, 3, 0], targets: [3, 2, -1] },
];

function pairsOf(places: readonly number[], weights?: readonly number[]): SequencePairs<TensorData> {
  const table = (side: keyof (typeof rows)[number]): TensorData => {
    const values = places.flatMap((place) => rows[place]?.[side] ?? []);
    return new HostTensor('int32', [places.length, 3], Int32Array.from(values));
  };
  const own = weights && { weights: new HostTensor('float32', [weights.length], Float32Array.from(weights)) };
  const sourceLengths = new HostTensor('int32', [places.length], new Int32Array(places.length).fill(3));
  return {
    source: table('source'),
    sourceLengths,
    inputs: table('inputs'),
    targets: table('targets'),
    ...own,
  };
}

const variants = sequenceToSequenceKinds.flatMap((kind) => [false, true].map((copy) => ({ kind, copy })));

it.each(variants)(
  '$kind, copy $copy, multiplies the loss of each sequence by its weight',
  async (variant) => {
    const model = createSequenceToSequence({
      ...variant,
      ...sizes,
      ...(variant.kind === 'encoder-decoder' && layers),
    });
    const parameters = model.init(Random.fromSeed(2)) as Tree<TensorData>;
    const lossOf = async (pairs: SequencePairs<TensorData>): Promise<readonly [number, number]> => {
      const program = await compile(
        runtime,
        (_: unknown, given: { readonly parameters: Tree<Tensor>; readonly pairs: SequencePairs<Tensor> }) => {
          const { loss, count } = model.loss(given.parameters, given.pairs);
          return { outputs: { loss, count } };
        },
        { state: {}, inputs: typesOf({ parameters, pairs: { ...pairs } }) as never },
      );
      const { loss, count } = await program.run(await runtime.createState(), { parameters, pairs } as never);
      await program.dispose();
      return [Number(loss.data[0]), Number(count.data[0])];
    };
    const [first] = await lossOf(pairsOf([0]));
    const [second] = await lossOf(pairsOf([1]));
    const [both, count] = await lossOf(pairsOf([0, 1], [0.5, -2]));
    expect(count).toBe(5);
    expect(both).toBeCloseTo((0.5 * 3 * first - 2 * 2 * second) / 5, 5);
  },
);

it.each(sequenceToSequenceKinds)(
  '%s that copies says the same token by token as when it learns, in probabilities that sum to 1',
  async (kind) => {
    const model = createSequenceToSequence({
      kind,
      ...sizes,
      copy: true,
      ...(kind === 'encoder-decoder' && layers),
    });
    const parameters = model.init(Random.fromSeed(5)) as Tree<TensorData>;
    const pairs = pairsOf([0, 1]);
    const given = { parameters, pairs: { ...pairs } };
    const program = await compile(
      runtime,
      (_: unknown, own: { readonly parameters: Tree<Tensor>; readonly pairs: SequencePairs<Tensor> }) => {
        const { loss } = model.loss(own.parameters, own.pairs);
        const gradient = gradients(loss, own.parameters) as { readonly pointer: Tree<Tensor> };
        let { state, context } = model.begin(own.parameters, own.pairs, 3);
        const logits = [0, 1, 2].map((t) => {
          const reading = model.step(own.parameters, select(own.pairs.inputs, 1, t), state, context);
          state = reading.state;
          return reading.logits;
        });
        return { outputs: { loss, logits: stack(logits, 1), pointer: gradient.pointer } };
      },
      { state: {}, inputs: typesOf(given) as never },
    );
    const { loss, logits, pointer } = await program.run(await runtime.createState(), given as never);
    await program.dispose();
    const probabilities = Array.from(logits.data, (logit) => Math.exp(Number(logit)));
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(2 * 3, 4);
    const losses = Array.from(pairs.targets.data, (target, i) =>
      Number(target) < 0 ? 0 : -Math.log(probabilities[i * sizes.vocabularySize + Number(target)] ?? 0),
    );
    expect(Number(loss.data[0])).toBeCloseTo(losses.reduce((a, b) => a + b) / 5, 5);
    for (const [path, slope] of flattenTree(pointer as unknown as Tree<TensorData>))
      expect(
        slope.data.some((value) => value !== 0),
        path,
      ).toBe(true);
  },
);

it('copies within one vocabulary only', () => {
  for (const kind of sequenceToSequenceKinds) {
    const config = { kind, ...sizes, copy: true, sourceVocabularySize: 5 };
    expect(() => createSequenceToSequence({ ...config, ...(kind === 'encoder-decoder' && layers) })).toThrow(
      'Leave sourceVocabularySize out, or copy.',
    );
  }
});

it('names the kinds there are', () => {
  expect(() => createSequenceToSequence({ kind: 'encoder-decodre', ...sizes })).toThrow(
    'Did you mean "encoder-decoder"?',
  );
});
