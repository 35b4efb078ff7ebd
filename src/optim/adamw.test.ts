import { describe, expect, it } from 'vitest';
import { loadFixture, tensorOf, treeUnder } from '../../test/support/fixtures.js';
import { runOptimizer } from '../../test/support/optimize.js';
import { expectClose, runtimes } from '../../test/support/reproduce.js';
import { sameShape } from '../core/shape.js';
import { TensorData } from '../core/tensor-data.js';
import { leavesOf } from '../core/tree.js';
import type { Node, Tensor } from '../engine/graph.js';
import { nodesOf } from '../engine/graph.js';
import { placeholder } from '../engine/ops/constant.js';
import { optimize } from '../engine/optimize.js';
import { float32, int32 } from '../engine/trace.js';
import { adamw } from './adamw.js';
import { clipByGlobalNorm } from './clip.js';
import { cosineSchedule } from './schedule.js';
import { applyGradients, chain } from './transformation.js';

interface AdamwFixture {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly matrixDecay: number;
}

const scalar = (value: number): TensorData => new TensorData('float32', [1], Float32Array.of(value));

describe.each(runtimes)('adamw on $name', (runtime) => {
  it('moves as PyTorch does for five steps: matrices decay, vectors do not', async () => {
    const fixture = loadFixture<AdamwFixture>('adamw');
    const { matrixDecay, ...options } = fixture.options;
    const gradients = [0, 1, 2, 3, 4].map((step) => treeUnder(fixture, `gradients.${step}`));
    const initial = treeUnder(fixture, 'initial');
    const snapshots = await runOptimizer(
      runtime,
      adamw({ ...options, weightDecay: matrixDecay }),
      initial,
      gradients,
    );
    for (const part of ['weight', 'bias']) {
      snapshots.forEach((after, step) => {
        expectClose(
          after.get(`parameters.${part}`) as TensorData,
          tensorOf(fixture, `after.${step}.${part}`),
          `${part} after step ${step}`,
        );
      });
      for (const moment of ['firstMoment', 'secondMoment']) {
        const actual = snapshots.at(-1)?.get(`optimizer.0.${moment}.${part}`) as TensorData;
        expectClose(actual, tensorOf(fixture, `${moment}.${part}`), `${moment} of ${part}`);
      }
    }
    expect(snapshots.at(-1)?.get('optimizer.0.step')?.data[0]).toBe(5);
  });

  it('moves by the learning rate in the first step, however small or large the gradient', async () => {
    for (const size of [1e-3, 1e3]) {
      const optimizer = adamw({ learningRate: 0.1 });
      const [after] = await runOptimizer(runtime, optimizer, { w: scalar(1) }, [{ w: scalar(size) }]);
      // 1 - 0.999 loses five digits in float32 when computed as it stands
      expect(Math.abs((after?.get('parameters.w')?.data[0] ?? 0) - 0.9)).toBeLessThan(2e-6);
    }
  });

  it('gives each parameter the decay that a rule names', async () => {
    const optimizer = adamw({
      learningRate: 0.5,
      weightDecay: (path) => (path.startsWith('memory.') ? 0.2 : 0),
    });
    const parameters = { memory: { gate: scalar(1) }, head: scalar(1) };
    const still = { memory: { gate: scalar(0) }, head: scalar(0) };
    const [after] = await runOptimizer(runtime, optimizer, parameters, [still]);
    expect(after?.get('parameters.memory.gate')?.data[0]).toBeCloseTo(0.9, 6);
    expect(after?.get('parameters.head')?.data[0]).toBe(1);
  });

  it('refuses parameters that are not float32', () => {
    const ids = new TensorData('int32', [1], Int32Array.of(1));
    expect(() => adamw({ learningRate: 0.1 }).init({ table: { ids } })).toThrow(
      'Parameter "table.ids" is int32[1]; optimizers move float32 parameters.',
    );
  });
});

/** Nodes that write a tensor as large as the parameter, in a step with clipping, decay and a schedule. */
function passes(shape: readonly number[]): Node[] {
  const symbol = (name: string): Tensor => placeholder(float32(...shape), name);
  const [w, g, m, v] = ['w', 'g', 'm', 'v'].map(symbol) as [Tensor, Tensor, Tensor, Tensor];
  const counter = placeholder(int32(), 'step');
  const learningRate = cosineSchedule({ peak: 1, totalSteps: 10 });
  const optimizer = chain(clipByGlobalNorm(1), adamw({ learningRate, weightDecay: 0.1 }));
  const state = [
    {},
    [{ step: counter, firstMoment: { w: m }, secondMoment: { w: v } }, {}, { step: counter }],
  ];
  const next = applyGradients(optimizer, { w: g }, state, { w });
  const outputs = leavesOf<Tensor>([next.parameters, next.state]);
  const graph = optimize({ inputs: [w, g, m, v, counter], outputs });
  return nodesOf(graph).filter((node) => node.outputs.some((output) => sameShape(output.shape, shape)));
}

describe('the cost of adamw', () => {
  it('is 13 passes over a matrix, 12 over a vector, with clipping and a schedule', () => {
    expect(passes([8, 9])).toHaveLength(13);
    expect(passes([72])).toHaveLength(12);
  });
});
