import { afterAll, describe, expect, it } from 'vitest';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { LanguageModelParameters } from './language-model.js';
import { loadFixture, parametersOf, gradientsOf, tensorOf } from '../../test/support/fixtures.js';
import { Random } from '../core/random.js';
import { flattenTree } from '../core/tree.js';
import { compile } from '../engine/compile.js';
import { valueAndGrad } from '../engine/grad.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { typesOf } from '../engine/trace.js';
import { adamw } from '../optim/adamw.js';
import { clipByGlobalNorm } from '../optim/clip.js';
import { applyGradients, chain } from '../optim/transformation.js';
import { parseLanguageModelConfig } from './language-model-config.js';
import { LanguageModel } from './language-model.js';

const runtime = new NodeRuntime();
afterAll(() => runtime.dispose());

interface GptOptions {
  readonly model: {
    readonly vocabularySize: number;
    readonly width: number;
    readonly layers: number;
    readonly heads: number;
    readonly block: number;
  };
  readonly training: {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly matrixDecay: number;
    readonly maxNorm: number;
  };
}

const fixture = loadFixture<GptOptions>('gpt');
const { vocabularySize, width, layers, heads, block } = fixture.options.model;
const model = new LanguageModel({ vocabularySize, width, layers, heads, maxLength: block });
const parameters = parametersOf<LanguageModelParameters<TensorData>>(fixture);
const batch = { ids: tensorOf(fixture, 'ids'), targets: tensorOf(fixture, 'targets') };

function expectClose(actual: TensorData, expected: TensorData, tolerance: number, what: string): void {
  expect(actual.shape, what).toEqual(expected.shape);
  actual.data.forEach((value: number, i: number) => {
    const wanted = expected.data[i] ?? NaN;
    expect(Math.abs(value - wanted), `${what}[${i}]`).toBeLessThan(tolerance * (1 + Math.abs(wanted)));
  });
}

describe('a language model', () => {
  it('has the parameters, logits, loss and gradients of the same model in PyTorch', async () => {
    expect([...flattenTree<TensorData>(model.init(Random.fromSeed(1))).keys()].sort()).toEqual(
      [...flattenTree<TensorData>(parameters).keys()].sort(),
    );
    const executable = await compile(
      runtime,
      (state, { ids, targets }) => {
        const loss = valueAndGrad((p: typeof state.parameters) => model.loss(p, ids, targets));
        const { value, gradient } = loss(state.parameters);
        const { logits } = model.read(state.parameters, ids);
        return { outputs: { logits, loss: value.loss, gradient: gradient as Tree<typeof logits> } };
      },
      { state: { parameters: typesOf(parameters) }, inputs: typesOf(batch) },
    );
    const state = await runtime.createState();
    await state.write(flattenTree<TensorData>({ parameters }));
    const results = await executable.run(state, batch);
    expectClose(results.logits, tensorOf(fixture, 'logits'), 1e-5, 'logits');
    expectClose(results.loss, tensorOf(fixture, 'loss'), 1e-5, 'loss');
    const expected = flattenTree<TensorData>(gradientsOf<LanguageModelParameters<TensorData>>(fixture));
    const actual = flattenTree(results.gradient as Tree<TensorData>);
    expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [path, gradient] of expected) {
      const given = actual.get(path);
      expect(given, path).toBeDefined();
      if (given !== undefined) expectClose(given, gradient, 1e-5, path);
    }
  });

  it('trains as in PyTorch: ten steps of clipped AdamW', async () => {
    const { learningRate, beta1, beta2, matrixDecay, maxNorm } = fixture.options.training;
    const optimizer = chain(
      clipByGlobalNorm(maxNorm),
      adamw({ learningRate, beta1, beta2, weightDecay: matrixDecay }),
    );
    const initial = { parameters, optimizer: optimizer.init(parameters) };
    const step = await compile(
      runtime,
      (state, { ids, targets }) => {
        const loss = valueAndGrad((p: typeof state.parameters) => model.loss(p, ids, targets));
        const { value, gradient } = loss(state.parameters);
        const next = applyGradients(optimizer, gradient, state.optimizer, state.parameters);
        return { state: { parameters: next.parameters, optimizer: next.state }, outputs: value.loss };
      },
      { state: typesOf(initial), inputs: typesOf(batch) },
    );
    const state = await runtime.createState();
    await state.write(flattenTree<TensorData>(initial));
    const losses = tensorOf(fixture, 'losses').data;
    for (const [i, expected] of losses.entries()) {
      const loss = await step.run(state, batch);
      expect(Math.abs((loss.data[0] ?? NaN) - expected), `step ${i}`).toBeLessThan(2e-5 * (1 + i));
    }
  });

  it('names the nearest key of a configuration, and says which sizes do not fit', () => {
    const config = { vocabularySize: 10, width: 8, layers: 2, maxLength: 4 };
    expect(() => parseLanguageModelConfig({ ...config, widht: 8 })).toThrow(/unknown key "widht".* "width"/);
    expect(() => parseLanguageModelConfig({ ...config, memory: 'gro' })).toThrow(/no memory "gro".* "gru"/);
    expect(() => parseLanguageModelConfig({ ...config, memory: ['gru'] })).toThrow(
      /names 1 blocks and layers is 2/,
    );
    expect(() => new LanguageModel({ ...config, heads: 3 })).toThrow(/width 8 is not a multiple of heads 3/);
  });
});
