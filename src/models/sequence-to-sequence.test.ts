// What every encoder-decoder owes whoever trains it: losses of sequences that are weighted one by one.
import { afterAll, expect, it } from 'vitest';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { SequencePairs } from './sequence-to-sequence.js';
import { Random } from '../core/random.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { compile } from '../engine/compile.js';
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

it.each(sequenceToSequenceKinds)('%s multiplies the loss of each sequence by its weight', async (kind) => {
  const model = createSequenceToSequence({ kind, ...sizes, ...(kind === 'encoder-decoder' && layers) });
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
});

it('names the kinds there are', () => {
  expect(() => createSequenceToSequence({ kind: 'encoder-decodre', ...sizes })).toThrow(
    'Did you mean "encoder-decoder"?',
  );
});
