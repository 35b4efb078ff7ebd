import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import type { TextClassifierParameters } from './text-classifier.js';
import { ConfigError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import { leavesOf, unflattenLike } from '../core/tree.js';
import { evaluateOnce } from '../engine/compile.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { TextClassifier } from './text-classifier.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const int32 = (shape: readonly number[], values: readonly number[]): TensorData =>
  new TensorData('int32', shape, Int32Array.from(values));

const readers = {
  embedding: { kind: 'embedding', vocabularySize: 9, width: 6 },
  bidirectional: { kind: 'bidirectional', vocabularySize: 9, width: 6 },
  encoder: { kind: 'encoder', vocabularySize: 9, width: 6, layers: 1, heads: 2, maxLength: 8 },
  lstm: {
    kind: 'language-model',
    vocabularySize: 9,
    width: 6,
    layers: 1,
    maxLength: 8,
    memory: 'lstm',
    position: 'none',
  },
} as const;

/** Logits of two texts of three and one tokens, with padding of another id and another length. */
async function logitsOf(classifier: TextClassifier, padding: number, time: number): Promise<number[]> {
  const fill = (ids: number[]): number[] => [
    ...ids,
    ...Array.from({ length: time - ids.length }, () => padding),
  ];
  const batch = {
    ids: int32([2, time], [...fill([3, 5, 7]), ...fill([2])]),
    lengths: int32([2], [3, 1]),
    features: int32([2, time], [...fillZero([1, 4], time), ...fillZero([2], time)]),
  };
  const parameters = classifier.init(Random.fromSeed(1));
  const leaves = leavesOf<TensorData>(parameters as unknown as Tree<TensorData>);
  const { data } = await evaluateOnce(
    runtime,
    (ids, lengths, features, ...own) => {
      const symbolic = unflattenLike<unknown, TensorData, Tensor>(parameters, own);
      return classifier.read(symbolic as unknown as TextClassifierParameters<Tensor>, {
        ids,
        lengths,
        features,
      });
    },
    batch.ids,
    batch.lengths,
    batch.features,
    ...leaves,
  );
  return Array.from(data as Float32Array);
}

function fillZero(ids: number[], time: number): number[] {
  return [...ids, ...Array.from({ length: time - ids.length }, () => 0)];
}

describe('a text classifier', () => {
  it.each(Object.entries(readers))('does not see what stands at padding: %s', async (_, reader) => {
    const classifier = new TextClassifier({ classes: 3, reader, features: 5 });
    const [short, long] = [await logitsOf(classifier, 0, 4), await logitsOf(classifier, 8, 8)];
    expect(short).toHaveLength(6);
    long.forEach((value, i) => expect(value).toBeCloseTo(short[i] ?? NaN, 4));
  });

  it('adds what n-grams say, over the root of their number, as computed by hand', async () => {
    const classifier = new TextClassifier({ classes: 2, features: 5 });
    const weight = new TensorData(
      'float32',
      [6, 2],
      Float32Array.from({ length: 12 }, (_, i) => i),
    );
    const bias = new TensorData('float32', [2], Float32Array.of(10, 20));
    const { data } = await evaluateOnce(
      runtime,
      (weight, bias, features) => {
        const unused = { ids: features, lengths: features };
        return classifier.read({ features: { weight }, bias: { weight: bias } }, { ...unused, features });
      },
      weight,
      bias,
      int32([2, 2], [1, 3, 2, 0]),
    );
    const root = Math.sqrt(2);
    [10 + 8 / root, 20 + 10 / root, 14, 25].forEach((value, i) => expect(data[i]).toBeCloseTo(value, 5));
  });

  it('needs something to look at, and refuses what it does not know', () => {
    expect(() => new TextClassifier({ classes: 2 })).toThrow(ConfigError);
    expect(() => new TextClassifier({ classes: 2, reader: { kind: 'reeder' } })).toThrow(ConfigError);
    const reader = { kind: 'bidirectional', vocabularySize: 9, layrs: 2 };
    expect(() => new TextClassifier({ classes: 2, reader })).toThrow(
      'unknown key "layrs". Did you mean "layers"?',
    );
  });
});
