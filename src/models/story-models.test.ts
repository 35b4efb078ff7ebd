// One body of tests over every model of stories: numbers of an independent implementation, padding, errors, learning.
import { describe, expect, it } from 'vitest';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { DynamicMemoryNetworkPlusParameters } from './dynamic-memory-network-plus.js';
import type { EndToEndMemoryNetworkParameters } from './end-to-end-memory-network.js';
import type { StoryBatch, StoryModel, StoryReading } from './story-model.js';
import { loadFixture, parametersOf } from '../../test/support/fixtures.js';
import { expectClose, expectReproduces, expectStepLowers, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import { constant, placeholder, vector } from '../engine/ops/constant.js';
import { float32, int32, placeholders, typesOf } from '../engine/trace.js';
import { crossEntropy } from '../nn/cross-entropy.js';
import { DynamicMemoryNetworkPlus } from './dynamic-memory-network-plus.js';
import { DynamicMemoryNetwork } from './dynamic-memory-network.js';
import { EndToEndMemoryNetwork } from './end-to-end-memory-network.js';

type AnyModel = StoryModel<Tree<TensorData>>;

const sizes = { vocabularySize: 11, width: 6 };
const models: readonly (readonly [string, AnyModel])[] = (
  [
    ['dynamic-memory-network', new DynamicMemoryNetwork(sizes)],
    ['dynamic-memory-network-plus', new DynamicMemoryNetworkPlus(sizes)],
    ['end-to-end-memory-network', new EndToEndMemoryNetwork({ ...sizes, memorySize: 5 })],
  ] as const
).map(([name, model]) => [name, model as unknown as AnyModel]);

/** Sentences of a story, filled up with 0. */
function storyOf(sentences: readonly (readonly number[])[], shape: readonly [number, number]): TensorData {
  const data = new Int32Array(shape[0] * shape[1]);
  sentences.forEach((words, i) => data.set(words, i * shape[1]));
  return new TensorData('int32', [1, ...shape], data);
}

function questionOf(words: readonly number[], length: number): TensorData {
  const data = new Int32Array(length);
  data.set(words);
  return new TensorData('int32', [1, length], data);
}

const read = (model: AnyModel, story: TensorData, question: TensorData) => {
  const parameters = model.init(Random.fromSeed(1));
  return runtimes.map((runtime) =>
    evaluateOnce(
      runtime,
      (s, q): StoryReading<Tensor> => model.read(constants(parameters), { story: s, question: q }),
      story,
      question,
    ),
  );
};

function constants(parameters: Tree<TensorData>): Tree<Tensor> {
  if (parameters instanceof TensorData) return constant(parameters);
  if (Array.isArray(parameters)) return parameters.map((child: Tree<TensorData>) => constants(child));
  return Object.fromEntries(
    Object.entries(parameters).map(([key, child]) => [key, constants(child as Tree<TensorData>)]),
  );
}

describe.each(models)('%s', (name, model) => {
  it('has the values and gradients of an implementation in PyTorch, sentence by sentence', async () => {
    await expectReproduces(loadFixture(name), ['story', 'question'], (parameters: Tree<Tensor>, inputs) => ({
      ...model.read(parameters, inputs as unknown as StoryBatch<Tensor>),
    }));
  });

  it('has the parameters of the fixture', () => {
    const fixture = parametersOf(loadFixture(name));
    expect(typesOf(model.init(Random.fromSeed(1)))).toEqual(typesOf(fixture));
  });

  it('does not see padding, of words, of sentences or of questions', async () => {
    const told = [[3, 4, 5], [6], [7, 3]];
    const tight = read(model, storyOf(told, [3, 3]), questionOf([8, 9], 2));
    const loose = read(model, storyOf(told, [5, 6]), questionOf([8, 9], 5));
    for (const [i, reading] of tight.entries()) {
      const [expected, actual] = [await reading, await loose[i]];
      if (actual === undefined) throw new Error('both were read');
      expectClose(actual.logits, expected.logits, 'logits', 1e-6);
      const [, episodes = 0] = actual.attention.shape;
      for (let t = 0; t < episodes; t++) {
        const row = Array.from(actual.attention.data.slice(5 * t, 5 * t + 5));
        expect(row.slice(3), 'attention to padding').toEqual([0, 0]);
        const own = Array.from(expected.attention.data.slice(3 * t, 3 * t + 3));
        row.slice(0, 3).forEach((weight, s) => expect(weight).toBeCloseTo(own[s] ?? Number.NaN, 5));
      }
    }
  });

  it('stays finite for a story without a sentence', async () => {
    for (const reading of read(model, storyOf([], [2, 2]), questionOf([3], 2))) {
      const { logits, attention } = await reading;
      expect([...logits.data, ...attention.data].every(Number.isFinite)).toBe(true);
    }
  });

  it('lowers its loss in one step', async () => {
    const batch = {
      story: constant(
        storyOf(
          [
            [3, 4],
            [5, 6],
          ],
          [2, 2],
        ),
      ),
      question: constant(questionOf([7], 1)),
    };
    await expectStepLowers(
      model.init(Random.fromSeed(2)),
      (parameters) => crossEntropy(model.read(parameters, batch).logits, vector([4], 'int32')).loss,
    );
  });

  it('refuses what is no story, and configurations that make no sense', () => {
    const parameters = placeholders(typesOf(model.init(Random.fromSeed(1))), '');
    const at = (...shape: number[]): Tensor => placeholder(int32(...shape), 'x');
    const reading = (story: Tensor, question: Tensor) => () => model.read(parameters, { story, question });
    expect(reading(at(2, 3), at(2, 4))).toThrow('a story must be int32 [batch, sentences, words]');
    expect(reading(placeholder(float32(2, 3, 4), 'x'), at(2, 4))).toThrow('a story must be int32');
    expect(reading(at(2, 3, 4), at(1, 4))).toThrow('a question must be int32 [2, words]');
    const Model = model.constructor as new (config: unknown) => AnyModel;
    expect(() => new Model({ ...sizes, withd: 3 })).toThrow('unknown key "withd". Did you mean "width"?');
    expect(() => new Model({ vocabularySize: 0 })).toThrow('vocabularySize');
  });
});

describe('EndToEndMemoryNetwork', () => {
  interface Options {
    readonly linear: boolean;
  }

  it.each(['end-to-end-memory-network-bag', 'end-to-end-memory-network-linear'])(
    'has the values and gradients of PyTorch in the variant %s',
    async (name) => {
      const fixture = loadFixture<Options & Record<string, unknown>>(name);
      const { linear, ...config } = fixture.options;
      const network = new EndToEndMemoryNetwork(config);
      await expectReproduces(
        fixture,
        ['story', 'question'],
        (parameters: EndToEndMemoryNetworkParameters<Tensor>, inputs) => ({
          ...network.read(parameters, inputs as unknown as StoryBatch<Tensor>, { linear }),
        }),
      );
    },
  );

  it('refuses a story of more sentences than its memory', () => {
    const network = new EndToEndMemoryNetwork({ ...sizes, memorySize: 2 });
    const parameters = placeholders(typesOf(network.init(Random.fromSeed(1))), '');
    const batch = { story: placeholder(int32(1, 3, 2), 'x'), question: placeholder(int32(1, 2), 'x') };
    expect(() => network.read(parameters, batch)).toThrow(
      'the memory holds 2 sentences; keep the latest ones or raise memorySize',
    );
  });

  it.each(runtimes)(
    'moves sentences apart in time only in training, and never beyond its memory, on $name',
    async (runtime) => {
      const story = storyOf([[3], [4], [5]], [4, 1]);
      const logits = async (noise: number, seed?: number): Promise<number[]> => {
        const network = new EndToEndMemoryNetwork({ ...sizes, memorySize: 4, noise });
        const parameters = constants(network.init(Random.fromSeed(1)) as unknown as Tree<TensorData>);
        const key = seed === undefined ? {} : { key: constant(keyOf(seed)) };
        const { logits: scores } = await evaluateOnce(
          runtime,
          (s, q) => ({
            ...network.read(
              parameters as unknown as EndToEndMemoryNetworkParameters<Tensor>,
              { story: s, question: q },
              key,
            ),
          }),
          story,
          questionOf([6], 1),
        );
        return [...scores.data];
      };
      const still = await logits(0.9);
      expect(await logits(0, 1)).toEqual(still);
      expect(await logits(0.9, 1)).not.toEqual(still);
      expect(await logits(0.9, 1)).toEqual(await logits(0.9, 1));
      expect((await logits(0.99, 2)).every(Number.isFinite)).toBe(true);
    },
  );
});

describe('DynamicMemoryNetworkPlus', () => {
  it('shares the weights of the memory between episodes where it is tied', () => {
    const tied = new DynamicMemoryNetworkPlus({ ...sizes, untied: false }).init(Random.fromSeed(1));
    expect(tied.memories).toHaveLength(1);
    expect(
      new DynamicMemoryNetworkPlus({ ...sizes, episodes: 2 }).init(Random.fromSeed(1)).memories,
    ).toHaveLength(2);
  });

  it.each(runtimes)('drops elements only with a key, on $name', async (runtime) => {
    const network = new DynamicMemoryNetworkPlus({ ...sizes, dropout: 0.5 });
    const parameters = constants(network.init(Random.fromSeed(1)) as unknown as Tree<TensorData>);
    const logits = async (seed?: number): Promise<number[]> => {
      const key = seed === undefined ? {} : { key: constant(keyOf(seed)) };
      const { logits: scores } = await evaluateOnce(
        runtime,
        (s, q) => ({
          ...network.read(
            parameters as unknown as DynamicMemoryNetworkPlusParameters<Tensor>,
            { story: s, question: q },
            key,
          ),
        }),
        storyOf([[3, 4], [5]], [2, 2]),
        questionOf([6], 1),
      );
      return [...scores.data];
    };
    expect(await logits()).toEqual(await logits());
    expect(await logits(1)).toEqual(await logits(1));
    expect(await logits(1)).not.toEqual(await logits());
    expect(await logits(1)).not.toEqual(await logits(2));
  });
});

function keyOf(seed: number): TensorData {
  return new TensorData('uint32', [2], Random.fromSeed(seed).graphKey());
}
