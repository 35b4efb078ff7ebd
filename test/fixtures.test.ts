// Checks that the PyTorch fixtures can be read, and that they mean what their descriptions say. Knows nothing of the engine.
import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TensorData } from '../src/core/tensor-data.js';
import type { Tree } from '../src/core/tree.js';
import { flattenTree, leavesOf } from '../src/core/tree.js';
import type { Fixture } from './support/fixtures.js';
import {
  fixtureNames,
  gradientsOf,
  loadFixture,
  parametersOf,
  tensorOf,
  treeUnder,
} from './support/fixtures.js';

type Row = readonly number[];

/** A tensor as rows along its last axis. */
function rowsOf(tensor: TensorData): Row[] {
  const width = tensor.shape.at(-1) ?? 1;
  const values = Array.from(tensor.data);
  return Array.from({ length: values.length / width }, (_, row) =>
    values.slice(row * width, (row + 1) * width),
  );
}

const at = (row: Row | undefined, index: number): number => row?.[index] ?? Number.NaN;
const sum = (row: Row): number => row.reduce((total, value) => total + value, 0);
const dot = (a: Row, b: Row): number => sum(a.map((value, i) => value * at(b, i)));
const zip = (a: Row, b: Row, f: (a: number, b: number) => number): number[] =>
  a.map((value, i) => f(value, at(b, i)));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function transpose(rows: readonly Row[]): Row[] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => at(row, column)));
}

function product(a: readonly Row[], b: readonly Row[]): Row[] {
  const columns = transpose(b);
  return a.map((row) => columns.map((column) => dot(row, column)));
}

function softmax(row: Row): number[] {
  const largest = Math.max(...row);
  const exponentials = row.map((value) => Math.exp(value - largest));
  return exponentials.map((value) => value / sum(exponentials));
}

/** Differences count relative to values above 1. */
function expectClose(actual: readonly Row[], expected: TensorData): void {
  const flat = actual.flat();
  expect(flat.length).toBe(expected.data.length);
  const errors = zip(flat, Array.from(expected.data), (a, b) => Math.abs(a - b) / Math.max(1, Math.abs(b)));
  expect(Math.max(...errors)).toBeLessThan(1e-5);
}

const shapesOf = (tree: Tree<TensorData>): unknown =>
  Array.from(flattenTree<TensorData>(tree), ([path, tensor]) => [path, tensor.shape]);

/** Euclidean norm over all tensors of a tree. */
const normOf = (tree: Tree<TensorData>): number =>
  Math.hypot(...leavesOf<TensorData>(tree).flatMap((leaf) => Array.from(leaf.data)));

/** Reads tensors of a fixture as rows. */
const reader =
  (fixture: Fixture<unknown>) =>
  (name: string): Row[] =>
    rowsOf(tensorOf(fixture, name));

describe('every PyTorch fixture', () => {
  it.each(fixtureNames())('%s holds finite numbers and the gradient of each parameter', (name) => {
    const fixture = loadFixture(name);
    expect(fixture.description).not.toBe('');
    for (const tensor of Object.values(fixture.tensors)) {
      expect(Array.from(tensor.data).every(Number.isFinite)).toBe(true);
    }
    expect(shapesOf(gradientsOf(fixture))).toEqual(shapesOf(parametersOf(fixture)));
  });

  it('is listed in the README, and all of them stay small', () => {
    const folder = new URL('fixtures/pytorch/', import.meta.url);
    const listed = readFileSync(new URL('README.md', folder), 'utf8').matchAll(/^\| `([a-z-]+)`/gm);
    expect(Array.from(listed, (match) => match[1]).sort()).toEqual(fixtureNames());
    const bytes = fixtureNames().map((name) => statSync(new URL(`${name}.json`, folder)).size);
    expect(Math.max(...bytes)).toBeLessThan(80_000);
  });
});

describe('the loader', () => {
  it('names the tensors there are when asked for one that is not', () => {
    expect(() => tensorOf(loadFixture('silu'), 'y')).toThrow(
      'no tensor "y"; it has x, output, grad.output, grad.x',
    );
  });

  it('nests parameters by their dotted paths', () => {
    const tree = parametersOf<{ blocks: { memory: { query: { weight: TensorData } } }[] }>(
      loadFixture('gpt'),
    );
    expect(tree.blocks.map((block) => block.memory.query.weight.shape)).toEqual([
      [8, 8],
      [8, 8],
    ]);
  });
});

describe('layer fixtures', () => {
  it('linear is x W + b, with weight [in, out]', () => {
    const fixture = loadFixture('linear');
    const read = reader(fixture);
    const [bias = []] = read('bias');
    const output = product(read('x'), read('weight')).map((row) => zip(row, bias, (y, b) => y + b));
    expectClose(output, tensorOf(fixture, 'output'));
    expectClose(product(transpose(read('x')), read('grad.output')), tensorOf(fixture, 'grad.weight'));
    expectClose(product(read('grad.output'), transpose(read('weight'))), tensorOf(fixture, 'grad.x'));
    expectClose([transpose(read('grad.output')).map(sum)], tensorOf(fixture, 'grad.bias'));
  });

  it('embedding picks rows, and adds up the gradients of repeated ids', () => {
    const fixture = loadFixture('embedding');
    const read = reader(fixture);
    const ids = read('ids').flat();
    expectClose(
      ids.map((id) => read('weight')[id] ?? []),
      tensorOf(fixture, 'output'),
    );
    const hits = read('weight').map((_, token) => ids.map((id) => (id === token ? 1 : 0)));
    expectClose(product(hits, read('grad.output')), tensorOf(fixture, 'grad.weight'));
  });

  it('layer norm centres and scales the last axis', () => {
    const fixture = loadFixture<{ epsilon: number }>('layer-norm');
    const read = reader(fixture);
    const [[scale = []], [bias = []]] = [read('scale'), read('bias')];
    const output = read('x').map((row) => {
      const mean = sum(row) / row.length;
      const centred = row.map((value) => value - mean);
      const deviation = Math.sqrt(dot(centred, centred) / row.length + fixture.options.epsilon);
      return centred.map((value, i) => (value / deviation) * at(scale, i) + at(bias, i));
    });
    expectClose(output, tensorOf(fixture, 'output'));
  });

  it('softmax and log-softmax run over the last axis', () => {
    const fixture = loadFixture('softmax');
    expectClose(reader(fixture)('x').map(softmax), tensorOf(fixture, 'output'));
    const logarithmic = loadFixture('log-softmax');
    const rows = reader(logarithmic)('x').map((row) => softmax(row).map(Math.log));
    expectClose(rows, tensorOf(logarithmic, 'output'));
  });

  it.each([
    ['rotary-half-split', (i: number) => [i, i + 4] as const],
    ['rotary-half-split-later', (i: number) => [i, i + 4] as const],
    ['rotary-interleaved', (i: number) => [2 * i, 2 * i + 1] as const],
  ])('%s turns each pair by its angle', (name, pairOf) => {
    const fixture = loadFixture<{ base: number }>(name);
    const positions = reader(fixture)('positions').flat();
    const output = reader(fixture)('x').map((row, index) => {
      const turned = Array.from(row);
      for (let i = 0; i < 4; i++) {
        const [a, b] = pairOf(i);
        const angle = at(positions, index % positions.length) / fixture.options.base ** (i / 4);
        turned[a] = at(row, a) * Math.cos(angle) - at(row, b) * Math.sin(angle);
        turned[b] = at(row, a) * Math.sin(angle) + at(row, b) * Math.cos(angle);
      }
      return turned;
    });
    expectClose(output, tensorOf(fixture, 'output'));
  });

  it('the GRU cell has gates in the order reset, update, new', () => {
    const fixture = loadFixture('gru-cell');
    const read = reader(fixture);
    const gates = (x: string, weight: string, bias: string): Row[] =>
      product(read(x), read(weight)).map((row) => zip(row, read(bias).flat(), (a, b) => a + b));
    const fromInput = gates('x', 'inputWeight', 'inputBias');
    const fromState = gates('state', 'hiddenWeight', 'hiddenBias');
    const output = read('state').map((state, row) =>
      state.map((previous, i) => {
        const gate = (index: number): readonly [number, number] => [
          at(fromInput[row], index * 4 + i),
          at(fromState[row], index * 4 + i),
        ];
        const [reset, update] = [gate(0), gate(1)].map(([a, b]) => sigmoid(a + b));
        const [a, b] = gate(2);
        const candidate = Math.tanh(a + (reset ?? Number.NaN) * b);
        return candidate + (update ?? Number.NaN) * (previous - candidate);
      }),
    );
    expectClose(output, tensorOf(fixture, 'output'));
  });
});

describe('loss fixtures', () => {
  const names = fixtureNames().filter((name) => name.startsWith('cross-entropy'));

  it.each(names)('%s is the mean over targets that count, and so is its gradient', (name) => {
    const fixture = loadFixture<{ ignoreIndex: number; labelSmoothing: number }>(name);
    const { ignoreIndex, labelSmoothing } = fixture.options;
    const targets = reader(fixture)('targets').flat();
    const counted = targets.filter((target) => target !== ignoreIndex).length;
    const results = reader(fixture)('logits').map((row, index) => {
      const target = at(targets, index);
      if (target === ignoreIndex) return { loss: 0, gradient: row.map(() => 0) };
      const wanted = row.map(
        (_, token) => labelSmoothing / row.length + (token === target ? 1 - labelSmoothing : 0),
      );
      const largest = Math.max(...row);
      const normalizer = largest + Math.log(sum(row.map((value) => Math.exp(value - largest))));
      const gradient = zip(softmax(row), wanted, (p, q) => (p - q) / counted);
      return { loss: normalizer - dot(row, wanted), gradient };
    });
    expectClose([[sum(results.map(({ loss }) => loss)) / counted]], tensorOf(fixture, 'loss'));
    expectClose(
      results.map(({ gradient }) => gradient),
      tensorOf(fixture, 'grad.logits'),
    );
  });

  it('the GPT learns, starting from the loss of its recorded logits', () => {
    const fixture = loadFixture('gpt');
    const read = reader(fixture);
    const targets = read('targets').flat();
    const surprises = read('logits').map((row, index) => -Math.log(at(softmax(row), at(targets, index))));
    expectClose([[sum(surprises) / surprises.length]], tensorOf(fixture, 'loss'));
    const losses = read('losses').flat();
    expect(losses[0]).toBe(tensorOf(fixture, 'loss').data[0]);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(normOf(gradientsOf(fixture))).toBeCloseTo(at(read('gradientNorms').flat(), 0), 5);
  });
});

describe('optimizer fixtures', () => {
  it.each(['sgd', 'sgd-momentum', 'sgd-nesterov'])('%s follows its formula for five steps', (name) => {
    const fixture = loadFixture<{ learningRate: number; momentum: number; nesterov: boolean }>(name);
    const { learningRate, momentum, nesterov } = fixture.options;
    let parameter: Row = reader(fixture)('initial.weight').flat();
    let buffer: Row = parameter.map(() => 0);
    for (let step = 0; step < 5; step++) {
      const gradient = reader(fixture)(`gradients.${step}.weight`).flat();
      buffer = zip(buffer, gradient, (b, g) => momentum * b + g);
      const direction = nesterov ? zip(buffer, gradient, (b, g) => g + momentum * b) : buffer;
      parameter = zip(parameter, direction, (p, d) => p - learningRate * d);
      expectClose([parameter], tensorOf(fixture, `after.${step}.weight`));
    }
  });

  it('adamw decays weights and not biases, apart from the gradient', () => {
    const fixture = loadFixture<Record<string, number>>('adamw');
    const { learningRate = 0, beta1 = 0, beta2 = 0, epsilon = 0, matrixDecay = 0 } = fixture.options;
    for (const [name, decay] of [['weight', matrixDecay] as const, ['bias', 0] as const]) {
      let p: Row = reader(fixture)(`initial.${name}`).flat();
      let [m, v]: [Row, Row] = [p.map(() => 0), p.map(() => 0)];
      for (let step = 0; step < 5; step++) {
        const g = reader(fixture)(`gradients.${step}.${name}`).flat();
        m = zip(m, g, (m, g) => beta1 * m + (1 - beta1) * g);
        v = zip(v, g, (v, g) => beta2 * v + (1 - beta2) * g * g);
        const roots = v.map((v) => Math.sqrt(v / (1 - beta2 ** (step + 1))) + epsilon);
        const updates = zip(m, roots, (m, root) => m / (1 - beta1 ** (step + 1)) / root);
        p = zip(p, updates, (p, update) => p * (1 - learningRate * decay) - learningRate * update);
        expectClose([p], tensorOf(fixture, `after.${step}.${name}`));
      }
      expectClose([m], tensorOf(fixture, `firstMoment.${name}`));
      expectClose([v], tensorOf(fixture, `secondMoment.${name}`));
    }
  });

  it('clipping leaves short gradients as they are, and shortens long ones to the maximal norm', () => {
    const fixture = loadFixture<{ maxNorm: number }>('clip-global-norm');
    const norms = reader(fixture)('norms').flat();
    norms.forEach((norm, index) => {
      expect(normOf(treeUnder(fixture, `gradients.${index}`))).toBeCloseTo(norm, 5);
      expect(normOf(treeUnder(fixture, `clipped.${index}`))).toBeCloseTo(
        Math.min(norm, fixture.options.maxNorm),
        5,
      );
    });
    expect(norms.filter((norm) => norm > fixture.options.maxNorm)).toHaveLength(2);
  });

  it.each([
    ['schedule-constant', () => 1],
    ['schedule-linear', (done: number) => 1 - done],
    ['schedule-cosine', (done: number) => (1 + Math.cos(Math.PI * done)) / 2],
  ])('%s warms up if it is told to, then decays to its minimum', (name, factorOf) => {
    const fixture = loadFixture<Record<string, number>>(name);
    const { peak = 0, minimum = 0, warmUpSteps = 0, totalSteps = 1 } = fixture.options;
    const rates = Array.from({ length: 20 }, (_, step) => {
      if (step < warmUpSteps) return (peak * (step + 1)) / (warmUpSteps + 1);
      const done = Math.min(1, (step - warmUpSteps) / (totalSteps - warmUpSteps));
      return minimum + factorOf(done) * (peak - minimum);
    });
    expectClose([rates], tensorOf(fixture, 'rates'));
  });
});
