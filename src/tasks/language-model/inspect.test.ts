// What is seen inside of a model, for every memory, against what the model computes when nobody looks.
import { afterAll, describe, expect, it } from 'vitest';
import type { SavedLanguageModel } from './load.js';
import { createRun } from '../../checkpoint/index.js';
import { DataError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { tokensInMemory } from '../../data/index.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { memoryKinds } from '../../memory/create-memory.js';
import { LanguageModel } from '../../models/language-model.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { trainCharacterTokenizer } from '../../text/index.js';
import { evaluateTokens } from './evaluate.js';
import { inspect } from './inspect.js';
import { loadLanguageModel, trainable } from './load.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const text = '天地玄黄 <b>&\n宇宙';
const maxLength = 16;

async function saved(memory: string | readonly string[]): Promise<SavedLanguageModel> {
  const files = memoryFiles();
  const tokenizer = await trainCharacterTokenizer([text]);
  const size = { vocabularySize: tokenizer.vocabularySize, width: 8, layers: 2, heads: 2, maxLength };
  const model = { ...size, memory, position: 'none' };
  const training = { steps: 1, batchSize: 1, learningRate: 1, evaluationBatchSize: 1 };
  const run = await createRun(files, '/run', {
    config: { model, tokenizer: { kind: 'character' }, training },
    tokenizer: JSON.stringify(tokenizer.toJSON()),
  });
  const random = Random.fromSeed(1);
  const where = {
    step: 1,
    tokens: 1,
    random: random.state(),
    data: null,
    best: null,
    evaluationsSinceBest: 0,
  };
  const parameters = trainable(new LanguageModel(model)).init(random);
  await run.saveCheckpoint({ model: parameters, optimizer: {}, state: where });
  await run.close();
  return loadLanguageModel(files, '/run');
}

describe.each(memoryKinds)('looking into %s', (memory) => {
  const model = saved(memory);
  const inspection = model.then((own) => inspect(runtime, own, text));

  it('measures the surprise that the loss is the mean of', async () => {
    const { tokens, meanSurprise } = await inspection;
    expect(tokens.map((token) => token.text).join('')).toBe(text);
    const { tokenizer } = await model;
    const { loss } = await evaluateTokens(runtime, await model, tokensInMemory(tokenizer.encode(text)));
    expect(meanSurprise).toBeCloseTo(loss, 5);
    expect(tokens[0]?.surprise).toBeNull();
    const { surprise, guesses, text: own } = tokens[5] ?? { text: '', surprise: 0, guesses: [] };
    const guess = guesses.find((other) => other.text === own);
    if (guess !== undefined) expect(-Math.log(guess.probability)).toBeCloseTo(surprise ?? NaN, 4);
    expect(guesses.map(({ probability }) => probability)).toEqual(
      guesses.map(({ probability }) => probability).sort((a, b) => b - a),
    );
  });

  it('shows finite numbers for each token', async () => {
    const { views } = await inspection;
    for (const view of views) {
      expect(view.path).toMatch(/^blocks\.[01]\.memory/);
      const rows = view.kind === 'activations' ? [view.values] : view.heads;
      for (const row of rows) expect(row).toHaveLength(text.length);
      expect(rows.flat(2).every(Number.isFinite)).toBe(true);
    }
  });
});

it('shows attention as maps whose rows sum to one and do not look ahead', async () => {
  const { views } = await inspect(runtime, await saved('attention'), text);
  expect(views.map(({ path }) => path)).toEqual([
    'blocks.0.memory.probabilities',
    'blocks.1.memory.probabilities',
  ]);
  for (const view of views) {
    if (view.kind !== 'attention') throw new Error(`A map was expected, not ${view.kind}.`);
    expect(view.heads).toHaveLength(2);
    for (const head of view.heads) {
      for (const [query, row] of head.entries()) {
        expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
        expect(row.slice(query + 1).every((weight) => weight === 0)).toBe(true);
      }
    }
  }
});

it('shows gates as activations between 0 and 1', async () => {
  const { views } = await inspect(runtime, await saved('gru'), text);
  expect(views.length).toBeGreaterThanOrEqual(2);
  for (const view of views) {
    if (view.kind !== 'activations') throw new Error(`Activations were expected, not ${view.kind}.`);
    expect(view.values.flat().every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(view.values[0]).toHaveLength(8);
  }
});

it('shows nothing for places where nothing was fetched', async () => {
  const { views } = await inspect(runtime, await saved('nearest-neighbour'), text);
  const shown = (name: string): readonly (readonly (readonly number[])[])[] => {
    const view = views.find(({ path }) => path === `blocks.0.memory.${name}`);
    if (view === undefined || view.kind === 'activations') throw new Error(`There is no view ${name}.`);
    return view.heads;
  };
  for (const [head, rows] of shown('retrievedProbabilities').entries())
    for (const [token, row] of rows.entries()) {
      const fetched = shown('retrieved')[head]?.[token]?.length ?? NaN;
      expect(row.filter((share) => share > 0)).toHaveLength(fetched);
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(fetched > 0 ? 1 : 0, 5);
    }
});

it('refuses a text so long that its maps could not be shown, and says so before it reads', async () => {
  const own = await saved('sliding-window');
  await expect(inspect(runtime, own, text.repeat(500))).rejects.toThrow(
    'The text has 6000 tokens, and to look inside would be to look at 144000000 numbers',
  );
  expect((await inspect(runtime, await saved('gru'), text.repeat(500))).tokens).toHaveLength(6000);
});

it('needs a text, and one that the model can read', async () => {
  const own = await saved('attention');
  await expect(inspect(runtime, own, '')).rejects.toThrow(DataError);
  await expect(inspect(runtime, own, text.repeat(2))).rejects.toThrow(
    'The text has 24 tokens, and the model reads at most 16 at once.',
  );
});
