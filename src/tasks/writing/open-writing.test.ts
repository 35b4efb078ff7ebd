// What a task that writes learns by, and validates by, where a metric is the reward.
import { afterAll, describe, expect, it } from 'vitest';
import type { Tree } from '../../core/tree.js';
import type { Tensor } from '../../engine/graph.js';
import { Random } from '../../core/random.js';
import { TensorData } from '../../core/tensor-data.js';
import { compile } from '../../engine/compile.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { typesOf } from '../../engine/trace.js';
import { trainBpe } from '../../text/index.js';
import { exampleTrainingSchema } from '../../train/index.js';
import { summarizeTask } from '../summarize/task.js';
import { pairSpecialTokens } from './pair-tokens.js';
import { parseWritingRecipe } from './recipe.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const tokenizer = await trainBpe(['ab cd'], { vocabularySize: 262, specialTokens: [...pairSpecialTokens] });
const size = { kind: 'recurrent-encoder-decoder', width: 8, maxLength: 12, dropout: 0.5 };
const training = { steps: 1, batchSize: 2, learningRate: 0.1 };
const rows = [{ values: { text: 'ab cd ab', summary: 'ab' }, line: 1 }];

/** The task as a run opens it. */
function opened(reward: 'rouge-l' | 'bleu' | undefined) {
  const pairs = reward === undefined ? {} : { reward: { metric: reward } };
  const { model } = parseWritingRecipe({ tokenizer: {}, model: { ...size, pairs }, training });
  const most = { maxSourceTokens: 12, maxTargetTokens: 12 };
  const lengths = { longestSource: 9, longestTarget: 3, growth: 1 };
  return summarizeTask.open({
    model: { ...size, vocabularySize: tokenizer.vocabularySize },
    details: { ...model.pairs, ...most, lengths },
    tokenizer,
    columns: { text: 'text', summary: 'summary' },
    context: [],
    training: exampleTrainingSchema.parse(training),
  });
}

/** The loss of the row under each of some dropout keys. */
async function lossesOf(reward: 'rouge-l' | undefined, keys: readonly number[]): Promise<number[]> {
  const task = opened(reward);
  const { model } = task;
  const batch = await task
    .examples(rows)
    .tensors({ rows: [0], batchSize: 1, length: 12 }, Random.fromSeed(1), () =>
      Promise.reject(new Error('Nothing is drawn.')),
    );
  const parameters = model.init(Random.fromSeed(5));
  const key = new TensorData('uint32', [2], Uint32Array.of(0, 0));
  const program = await compile(
    runtime,
    (
      _: unknown,
      given: {
        readonly parameters: Tree<Tensor>;
        readonly batch: Readonly<Record<string, Tensor>>;
        readonly key: Tensor;
      },
    ) => ({
      outputs: { loss: model.loss(given.parameters, given.batch, given.key).loss },
    }),
    { state: {}, inputs: typesOf({ parameters, batch, key }) as never },
  );
  const state = await runtime.createState();
  const losses: number[] = [];
  for (const number of keys) {
    const own = { parameters, batch, key: new TensorData('uint32', [2], Uint32Array.of(number, 7)) };
    const { loss } = await program.run(state, own as never);
    losses.push(Number(loss.data[0]));
  }
  await program.dispose();
  return losses;
}

describe('a reward', () => {
  it('is learned under the probabilities that texts are drawn by: nothing is dropped', async () => {
    const [one, other] = await lossesOf('rouge-l', [1, 2]);
    expect(one).toBe(other);
    const [dropped, otherwise] = await lossesOf(undefined, [1, 2]);
    expect(dropped).not.toBe(otherwise);
  });

  it('is what validates, where the task has it among its scores', () => {
    const metricFor = (reward: 'rouge-l' | 'bleu' | undefined): string =>
      opened(reward).validation(rows, runtime).metric;
    expect(([undefined, 'rouge-l', 'bleu'] as const).map((reward) => metricFor(reward))).toEqual([
      'rouge1',
      'rougeL',
      'rouge1',
    ]);
  });
});
