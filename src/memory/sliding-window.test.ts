// The sliding window under the contract of memories, and against its naive form.
import type { AnyMemory } from './memory-kind.js';
import { expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import type { SlidingWindowOptions } from './sliding-window.js';
import type { WindowedAttentionParameters } from './windowed-attention.js';
import { loadFixture } from '../../test/support/fixtures.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { expectClose, expectReproduces, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { flattenTree, unflattenLike } from '../core/tree.js';
import { buildProgram, evaluateOnce } from '../engine/compile.js';
import { gradients } from '../engine/grad.js';
import { observing } from '../engine/observe.js';
import { mul } from '../engine/ops/arithmetic.js';
import { constant } from '../engine/ops/constant.js';
import { sum } from '../engine/ops/reduce.js';
import { float32, typesOf } from '../engine/trace.js';
import { alibiSlopes } from '../nn/alibi.js';
import { HeadProjections } from '../nn/head-projections.js';
import { initialize } from '../nn/initializers.js';
import { scaledDotProductAttention } from '../nn/scaled-dot-product-attention.js';
import { createMemory } from './create-memory.js';
import { SlidingWindow } from './sliding-window.js';
const variants = {
  'a window': { window: 3 },
  'a window of one token': { window: 1 },
  'a window longer than the text': { window: 20 },
  'attention sinks': { window: 3, sinks: 2 },
  'rotary positions and sinks': { window: 4, sinks: 3, position: 'rotary' },
  'ALiBi, sinks and grouped queries': { window: 4, sinks: 2, heads: 4, keyValueHeads: 2, position: 'alibi' },
} as const;
for (const [name, options] of Object.entries(variants))
  keepsTheContract(name, new SlidingWindow({ width, heads: 2, ...options }) as unknown as AnyMemory);

it.each(['sliding-window', 'sliding-window-sinks-rotary', 'sliding-window-sinks-alibi'])(
  "has the values and gradients of PyTorch's naive form: %s",
  async (name) => {
    const fixture = loadFixture<SlidingWindowOptions>(name);
    const memory = new SlidingWindow(fixture.options);
    await expectReproduces(
      fixture,
      ['x'],
      (parameters: WindowedAttentionParameters<Tensor>, { x }) => memory.read(parameters, x as Tensor).output,
    );
  },
);

it.each([3, 70, 100])(
  'computes in blocks what full attention behind a mask computes, window %i',
  async (window) => {
    const [time, heads] = [150, 2];
    const memory = new SlidingWindow({ width, heads, window, position: 'alibi' });
    const projections = new HeadProjections({ name: 'naive', width, heads });
    const slopes = alibiSlopes(heads);
    const bias = Float32Array.from({ length: heads * time * time }, (_, i) => {
      const [head, row, column] = [Math.floor(i / time / time), Math.floor(i / time) % time, i % time];
      return row >= column && row - column < window ? (slopes[head] ?? 0) * (column - row) : -Infinity;
    });
    const naive = (parameters: WindowedAttentionParameters<Tensor>, x: Tensor): Tensor => {
      const { query, key, value } = projections.all(parameters, x);
      const band = constant(new TensorData('float32', [heads, time, time], bias));
      return projections.output(parameters, scaledDotProductAttention(query, key, value, { bias: band }));
    };
    const leaves = flattenTree<TensorData>(memory.init(Random.fromSeed(7)) as never);
    const results = await evaluateOnce(
      runtimes[1],
      (x: Tensor, weights: Tensor, ...given: Tensor[]) => {
        const parameters = unflattenLike<unknown, TensorData, Tensor>(memory.init(Random.fromSeed(7)), given);
        const own = parameters as unknown as WindowedAttentionParameters<Tensor>;
        return [memory.read(own, x).output, naive(own, x)].map((output) => ({
          output,
          gradient: gradients(sum(mul(output, weights)), { x, own }),
        }));
      },
      initialize({ normal: 1 }, [2, time, width], Random.fromSeed(8)),
      initialize({ normal: 1 }, [2, time, width], Random.fromSeed(9)),
      ...leaves.values(),
    );
    const [fast, slow] = results.map((result) => flattenTree<TensorData>(result as never));
    for (const [path, expected] of slow ?? []) expectClose(fast?.get(path) as TensorData, expected, path);
  },
);

it('shows who looks at whom, sinks in their places', async () => {
  const memory = new SlidingWindow({ width, heads: 2, window: 3, sinks: 2 });
  const parameters = memory.init(Random.fromSeed(1));
  const map = await evaluateOnce(
    runtimes[1],
    (x: Tensor, ...given: Tensor[]) => {
      const own = unflattenLike<unknown, TensorData, Tensor>(parameters, given);
      const { observed } = observing(() =>
        memory.read(own as unknown as WindowedAttentionParameters<Tensor>, x),
      );
      return observed.get('probabilities') ?? x;
    },
    initialize({ normal: 1 }, [1, 8, width], Random.fromSeed(2)),
    ...flattenTree<TensorData>(parameters as never).values(),
  );
  expect(map.shape).toEqual([1, 2, 8, 8]);
  const rows = Array.from({ length: 8 }, (_, row) => Array.from(map.data.slice(8 * row, 8 * row + 8)));
  for (const row of rows) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  expect(rows[7]?.map((value) => value > 0)).toEqual([true, true, false, false, false, true, true, true]);
});

it('refuses windows of no tokens, windows longer than the block and heads that do not divide', () => {
  const shared = { width, heads: 2, maxLength: 12 };
  const made = (options: object): unknown => createMemory({ kind: 'sliding-window', ...options }, shared);
  expect(() => made({ window: 0 })).toThrow(/sliding-window.*window/s);
  expect(() => made({ window: 13 })).toThrow(
    'sliding-window: window 13 is longer than the block of 12 tokens',
  );
  expect(() => made({ windw: 3 })).toThrow(/windw.*window/s);
  expect(() => new SlidingWindow({ width, heads: 2, window: 0 })).toThrow(
    'window is 0; it must be a whole number',
  );
  expect(() => new SlidingWindow({ width, heads: 3, window: 2 })).toThrow(
    'width 8 is not a multiple of heads 3',
  );
});

it('writes one slot of its ring in place for each token, and copies no cache', async () => {
  const memory = new SlidingWindow({ width, heads: 2, window: 3, sinks: 1, position: 'rotary' });
  const initial = { parameters: memory.init(Random.fromSeed(1)), state: memory.initialState(1) };
  const { program } = buildProgram(
    (own, { token }) => {
      const { output, state } = memory.step(own.parameters, token, own.state);
      return { state: { state: state as never }, outputs: output };
    },
    { state: typesOf(initial), inputs: { token: float32(1, width) } },
  );
  const ranges = program.outputs.filter(({ range }) => range !== undefined);
  expect(ranges.map(({ state }) => state)).toEqual(['state.keys', 'state.values']);
});
