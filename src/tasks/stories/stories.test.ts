// Models of stories from files to answers: tables, a small task learned, and what was attended to.
import { afterAll, describe, expect, it } from 'vitest';
import type { BabiTask, StoryQuestion } from '../../data/babi.js';
import { DataError, UsageError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { parseBabi } from '../../data/babi.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { inspectAnswers } from './inspect.js';
import { makeStoryReader, storyReaderName, storyReaderNames } from './readers.js';
import { recipes } from './recipe.js';
import { sentenceLayout, tokenLayout } from './story-tables.js';
import { trainOnStories } from './train.js';
import { StoryVocabulary } from './vocabulary.js';

const people = ['Mary', 'John', 'Daniel'];
const places = ['kitchen', 'garden', 'office', 'hallway'];

/** Stories of three moves and one question: where somebody went last. */
function stories(count: number, seed: number): StoryQuestion[] {
  const random = Random.fromSeed(seed);
  const pick = (names: readonly string[]): string => names[random.integer(names.length)] ?? '';
  const texts = Array.from({ length: count }, () => {
    const moves = Array.from({ length: 3 }, () => ({ who: pick(people), where: pick(places) }));
    const asked = moves[random.integer(3)]?.who ?? '';
    const last = moves.findLastIndex(({ who }) => who === asked);
    const told = moves.map(({ who, where }, i) => `${i + 1} ${who} went to the ${where}.`);
    return [...told, `4 Where is ${asked}?\t${moves[last]?.where}\t${last + 1}`].join('\n');
  });
  return parseBabi(texts.join('\n'), 'generated');
}

const task: BabiTask = { task: 1, name: 'generated', train: stories(400, 1), test: stories(60, 2) };

describe('tables of stories', () => {
  const questions = parseBabi(
    [
      '1 Mary took the milk.',
      '2 What is Mary carrying?\tmilk,football\t1',
      '1 A b.',
      '2 C d e.',
      '3 F?\tb\t1',
    ].join('\n'),
    'x',
  );
  const vocabulary = new StoryVocabulary(questions);

  it('number words first and then answers of several words', () => {
    const ids = vocabulary.wordIds(['mary', 'milk', 'nobody']);
    expect(ids).toEqual([2, 5, 1]);
    expect(vocabulary.nameOf(vocabulary.answerId('milk,football'))).toBe('milk,football');
    expect(vocabulary.answerId('b')).toBe(vocabulary.wordIds(['b'])[0]);
    expect(vocabulary.answerId('never seen')).toBe(-1);
  });

  it('fill up sentences and stories with 0, one table for each length', () => {
    const tables = sentenceLayout(questions, vocabulary, 50).tables(questions);
    expect(tables.map(({ rows }) => rows['story']?.shape)).toEqual([
      [1, 1, 4],
      [1, 2, 4],
    ]);
    const [a, b] = vocabulary.wordIds(['a', 'b']);
    expect([...(tables[1]?.rows['story']?.data.slice(0, 4) ?? [])]).toEqual([a, b, 0, 0]);
  });

  it('keep the latest sentences of a story that is too long', () => {
    const tables = sentenceLayout(questions, vocabulary, 1).tables(questions);
    expect(tables).toHaveLength(1);
    const story = [...(tables[0]?.rows['story']?.data.slice(4) ?? [])];
    expect(story).toEqual([...vocabulary.wordIds(['c', 'd', 'e']), 0]);
  });

  it('put the question last where a story is one sequence', () => {
    const [, table] = tokenLayout(questions, vocabulary, 50).tables(questions);
    const tokens = table?.rows['tokens'];
    const expected = vocabulary.wordIds(['a', 'b', 'c', 'd', 'e', 'f']);
    const [other] = tokenLayout(questions, vocabulary, 50).tables(questions.slice(1));
    expect([...(other?.rows['tokens']?.data ?? [])].slice(0, 6)).toEqual(expected);
    expect(tokens?.shape[0]).toBe(1);
  });
});

describe('learning to answer', () => {
  const runtime = new NodeRuntime({ threads: 1 });
  afterAll(() => runtime.dispose());

  it.each([
    ['mem-n2n', { batchSize: 16, width: 16, learningRates: [0.01], linearEpochs: 4, epochs: 30 }],
    ['dmn-plus', { batchSize: 16, width: 24, learningRates: [0.005], epochs: 20 }],
  ] as const)('%s attends to the sentence that the answer follows from', async (model, recipe) => {
    const outcome = await trainOnStories({ runtime, task, model, recipe: { ...recipe, attempts: 2 } });
    expect(outcome.error).toBeLessThan(10);
    const inspected = await inspectAnswers(runtime, outcome, task.test);
    expect(inspected.map(({ question }) => question)).toEqual(task.test);
    const wrong = inspected.filter(({ isRight }) => !isRight).length;
    expect((100 * wrong) / task.test.length, 'the error is that of the answers').toBeCloseTo(
      outcome.error,
      6,
    );
    const attended = inspected.filter(({ question, episodes }) =>
      episodes.some((weights) => weights.indexOf(Math.max(...weights)) === question.supportingFacts[0]),
    );
    expect(attended.length).toBeGreaterThan(0.8 * task.test.length);
    expect(inspected[0]?.episodes.map(({ length }) => length)).toEqual([3, 3, 3]);
  });

  it('tells of every epoch, repeats with the same seed, and stops when time is over', async () => {
    const run = async (seed: number, maxSeconds?: number) => {
      const epochs: number[] = [];
      const recipe = { batchSize: 50, attempts: 1, epochs: 2, linearEpochs: 1 };
      const job = { runtime, task, model: 'mem-n2n', recipe, seed, maxSeconds } as const;
      const { validationError } = await trainOnStories({
        ...job,
        onEpoch: ({ loss }) => void epochs.push(loss),
      });
      return { epochs, validationError };
    };
    const [first, again, other] = [await run(3), await run(3), await run(4)];
    expect(first).toEqual(again);
    expect(first.epochs).not.toEqual(other.epochs);
    expect(first.epochs).toHaveLength(3);
    expect((await run(3, 0)).epochs).toEqual([]);
  });

  it('ends after the epoch when it is interrupted, and tests the best by then', async () => {
    const controller = new AbortController();
    const epochs: number[] = [];
    const recipe = { batchSize: 50, attempts: 3, epochs: 5, linearEpochs: 0 };
    const { signal } = controller;
    const outcome = await trainOnStories({
      runtime,
      task,
      model: 'mem-n2n',
      recipe,
      signal,
      onEpoch: ({ epoch, validation }) => {
        epochs.push(validation['error'] ?? NaN);
        if (epoch === 2) controller.abort();
      },
    });
    expect(epochs).toHaveLength(2);
    expect(outcome).toMatchObject({ attempts: 1, epochs: 2, validationError: 100 * Math.min(...epochs) });
    expect(outcome.error).toBeLessThan(100);
  });

  it('refuses a single story, and a model that there is not', async () => {
    const single = { ...task, train: task.train.slice(0, 1) };
    await expect(trainOnStories({ runtime, task: single, model: 'dmn' })).rejects.toThrow(DataError);
    expect(() => storyReaderName('dmn-pls')).toThrow(UsageError);
    expect(() => storyReaderName('dmn-pls')).toThrow('Did you mean "dmn-plus"?');
  });

  it.each(storyReaderNames)('%s makes parameters for its vocabulary', (name) => {
    const vocabulary = new StoryVocabulary(task.train);
    const reader = makeStoryReader(name, task.train, vocabulary, recipes[name]);
    expect(reader.layout.tables(task.test).flatMap(({ questions }) => questions)).toHaveLength(60);
    expect(Object.keys(reader.init(Random.fromSeed(1))).length).toBeGreaterThan(0);
  });
});
