// The contract of a task that measures memory: examples from a seed, and where each answer was written. Knows no particular task.
import type { Random } from '../../core/random.js';
import type { Batch } from '../batches.js';
import { TensorData } from '../../core/tensor-data.js';
import { ignoredTarget } from '../batches.js';

/** One sequence, with the answers that count. */
export interface RecallExample {
  /** [length] token ids */
  readonly inputs: Int32Array;
  /** [length]: the answer where one is asked for, -1 elsewhere */
  readonly targets: Int32Array;
  /** [length]: tokens between an answer and the place where it was last read, 0 where no answer is asked for */
  readonly distances: Int32Array;
}

/** A task, as a pure function from a random stream to an example. */
export interface RecallTask {
  /** Number of token ids. */
  readonly vocabularySize: number;
  /** Tokens of an example. */
  readonly length: number;
  /** The same stream gives the same example. */
  example(random: Random): RecallExample;
}

/** Examples of one task as rows. */
export interface RecallBatch extends Batch {
  /** int32 [batch, time]: as `distances` of an example */
  readonly distances: TensorData;
}

/** A batch of examples, the same for the same stream: row i comes from `random.split(i)`, so that a larger batch begins alike. */
export function recallBatch(task: RecallTask, size: number, random: Random): RecallBatch {
  const shape = [size, task.length];
  const [inputs, targets, distances] = [0, 1, 2].map(() => new Int32Array(size * task.length));
  let targetCount = 0;
  for (let row = 0; row < size; row++) {
    const example = task.example(random.split(row));
    inputs?.set(example.inputs, row * task.length);
    targets?.set(example.targets, row * task.length);
    distances?.set(example.distances, row * task.length);
    targetCount += example.targets.filter((target) => target !== ignoredTarget).length;
  }
  const tensor = (data: Int32Array | undefined): TensorData =>
    new TensorData('int32', shape, data ?? new Int32Array());
  return { inputs: tensor(inputs), targets: tensor(targets), distances: tensor(distances), targetCount };
}

/** An example in which nothing is written yet. */
export function emptyExample(length: number): RecallExample {
  return {
    inputs: new Int32Array(length),
    targets: new Int32Array(length).fill(ignoredTarget),
    distances: new Int32Array(length),
  };
}

/** Asks for `answer` at position `at`; it was last read at position `writtenAt`. */
export function ask(example: RecallExample, at: number, answer: number, writtenAt: number): void {
  example.targets[at] = answer;
  example.distances[at] = at - writtenAt;
}
