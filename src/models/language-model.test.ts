import { afterAll, describe, expect, it } from 'vitest';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { LanguageModelParameters } from './language-model.js';
import { loadFixture, parametersOf, gradientsOf, tensorOf } from '../../test/support/fixtures.js';
import { Random } from '../core/random.js';
import { flattenTree } from '../core/tree.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import type { Symbolic } from '../engine/compile.js';
import { compile } from '../engine/compile.js';
import { valueAndGrad } from '../engine/grad.js';
import { add } from '../engine/ops/arithmetic.js';
import { gather } from '../engine/ops/indexing.js';
import { matmul } from '../engine/ops/matmul.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { typesOf } from '../engine/trace.js';
import { Lstm } from '../memory/lstm.js';
import type { RecurrentParameters } from '../memory/recurrent.js';
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

  it('takes a memory for each block, and says in which block one does not fit', () => {
    const config = { vocabularySize: 10, width: 8, maxLength: 4 };
    const mixed = { ...config, memory: ['lstm', { kind: 'gru' }, 'attention'] };
    expect(new LanguageModel(mixed).config.memory.map(({ kind }) => kind)).toEqual([
      'lstm',
      'gru',
      'attention',
    ]);
    expect(new LanguageModel(mixed).config.layers).toBe(3);
    expect(() => new LanguageModel(config)).toThrow('layers is missing');
    expect(() => new LanguageModel({ ...mixed, heads: 3 })).toThrow(/^blocks\.2\.memory: attention: width 8/);
    const unknown = { ...config, memory: ['gru', { kind: 'lstm', forgetBais: 1 }] };
    expect(() => new LanguageModel(unknown)).toThrow(/memory\[1\].*"forgetBais".*"forgetBias"/);
  });
});

describe('a plain stack', () => {
  const plain = { vocabularySize: 7, width: 6, memory: ['lstm', 'lstm'], maxLength: 5, position: 'none' };
  const bare = { residual: false, norm: 'none', feedForward: 'none', headBias: true };
  const stack = new LanguageModel({ ...plain, ...bare, initializer: { uniform: 0.1 } });
  const own = stack.init(Random.fromSeed(3));

  it('has no parameters but those of its embedding, its layers and its head', () => {
    const groups = [...flattenTree<TensorData>(own).keys()].map((path) => path.replace(/\.layers.*/, ''));
    expect([...new Set(groups)]).toEqual([
      'embedding.weight',
      'blocks.0.memory',
      'blocks.1.memory',
      'head.weight',
      'head.bias',
    ]);
    const values = Array.from(own.embedding.weight.data);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.1);
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.08);
  });

  it('is nothing but its layers, one after another', async () => {
    const ids = new HostTensor('int32', [2, 5], Int32Array.of(1, 2, 3, 4, 5, 6, 0, 1, 2, 3));
    const lstm = new Lstm({ width: 6 });
    const program = await compile(
      runtime,
      (state, given) => {
        const { embedding, blocks, head } = state.parameters;
        let x = gather(embedding.weight, given.ids);
        for (const { memory } of blocks)
          x = lstm.read(memory as Symbolic<RecurrentParameters<TensorData>>, x).output;
        const expected = add(matmul(x, head?.weight ?? x), head?.bias ?? x);
        return { outputs: { expected, logits: stack.read(state.parameters, given.ids).logits } };
      },
      { state: { parameters: typesOf(own) }, inputs: typesOf({ ids }) },
    );
    const state = await runtime.createState();
    await state.write(flattenTree<TensorData>({ parameters: own }));
    const { expected, logits } = await program.run(state, { ids });
    expectClose(logits, expected, 1e-6, 'logits');
  });
});
