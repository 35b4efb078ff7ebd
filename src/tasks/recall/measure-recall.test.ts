import { afterAll, describe, expect, it } from 'vitest';
import type { TextSource } from '../../data/index.js';
import type { RecallMeasurement } from './measure-recall.js';
import { ConfigError } from '../../core/errors.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { createRecallTask, recallTaskNames } from './create-recall-task.js';
import { measureRecall } from './measure-recall.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const text: TextSource = {
  name: 'text',
  totalBytes: async () => undefined,
  async *pieces() {
    const line = 'It was the best of times, it was the worst of times. ';
    yield { text: line.repeat(20), endsDocument: true, bytesRead: 20 * line.length };
  },
};

const choices: Omit<RecallMeasurement, 'task'> = {
  runtime,
  contestants: [{ name: 'attention', memory: 'attention' }],
  widths: [16],
  layers: 1,
  heads: 1,
  learningRates: [1e-2],
  seeds: [1],
  steps: 100,
  batchSize: 32,
  solved: 0.95,
};

describe('tasks of recall', () => {
  it('are made by name, with sizes of their own, and examples that fit', async () => {
    for (const name of recallTaskNames) {
      const { task, sizes } = await createRecallTask(name, name === 'needle' ? { length: 200 } : {}, text);
      expect(task.length).toBe(sizes.length);
    }
    const { sizes, cells } = await createRecallTask('needle', { length: 200 }, text);
    expect(sizes).toEqual({ length: 200, pairs: 1 });
    expect([...new Set(cells.map(({ length }) => length))]).toEqual([100, 150, 200]);
    expect(cells.slice(0, 5).map(({ depth }) => depth)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    const short = await createRecallTask('needle', { length: 70 }, text);
    expect([...new Set(short.cells.map(({ length }) => length))]).toEqual([70]);
  });

  it('are refused with the nearest name, a size that they do not have, or without a text', async () => {
    await expect(createRecallTask('mqra')).rejects.toThrow(/no task of recall "mqra".*"mqar"/);
    await expect(createRecallTask('copy', { updates: 2 })).rejects.toThrow(
      /Task copy: unknown key "updates"/,
    );
    await expect(createRecallTask('mqar', { length: 7 })).rejects.toThrow(/length 7 is odd/);
    await expect(createRecallTask('needle', { length: 40 }, text)).rejects.toThrow(/length 40 is too short/);
    await expect(createRecallTask('needle')).rejects.toThrow(/no text to hide the needle in/);
  });
});

describe('measuring recall', () => {
  it('refuses an impossible choice before anything is trained', async () => {
    const { task } = await createRecallTask('copy', { vocabulary: 6, length: 8, pairs: 1 });
    const trained: unknown[] = [];
    const onProgress = (progress: unknown): void => void trained.push(progress);
    const measured = (own: Partial<RecallMeasurement>) =>
      measureRecall({ ...choices, task, onProgress, ...own });
    await expect(measured({ learningRates: [1e-2, 0] })).rejects.toThrow(ConfigError);
    await expect(measured({ learningRates: [1e-2, 0] })).rejects.toThrow('Training: learningRate: ');
    expect(trained).toEqual([]);
  });

  it('finds that a memory which must keep one symbol over a wait learns to, and ends there', async () => {
    const { task } = await createRecallTask('copy', { vocabulary: 6, length: 8, pairs: 1 });
    const [result] = await measureRecall({ ...choices, task, steps: 300 });
    expect(result?.best.end).toBe('solved');
    expect(result?.accuracy).toBeGreaterThan(0.9);
    expect(result?.best.steps).toBeLessThanOrEqual(300);
    expect(result?.stateBytes).toBe(4 + 2 * 4 * 8 * 16 + 4);
  });

  it('tries every learning rate and seed and takes the best by validation, and gives the same again', async () => {
    const { task } = await createRecallTask('copy', { vocabulary: 12, length: 12, pairs: 3 });
    const measurement = { ...choices, task, steps: 20, learningRates: [1e-5, 1e-2], seeds: [1, 2] };
    const [[first], [again]] = [await measureRecall(measurement), await measureRecall(measurement)];
    expect(first?.runs.map(({ learningRate, seed }) => [learningRate, seed])).toEqual([
      [1e-5, 1],
      [1e-2, 1],
      [1e-5, 2],
      [1e-2, 2],
    ]);
    const best = Math.max(...(first?.runs ?? []).map(({ validation }) => validation));
    expect(first?.best.validation).toBe(best);
    expect(first?.best.steps).toBe(20);
    expect({ ...again?.best, seconds: 0 }).toEqual({ ...first?.best, seconds: 0 });
    expect(again?.byDistance).toEqual(first?.byDistance);
  });

  it('measures each memory at each width, and knows blocks that differ', async () => {
    const { task } = await createRecallTask('copy', { vocabulary: 6, length: 8, pairs: 2 });
    const contestants = [
      { name: 'gru', memory: 'gru' },
      { name: 'both', memory: ['gru', 'attention'] },
    ];
    const results = await measureRecall({
      ...choices,
      task,
      contestants,
      widths: [8, 16],
      layers: 2,
      steps: 5,
    });
    expect(results.map(({ memory, width }) => `${memory} ${width}`)).toEqual([
      'gru 8',
      'gru 16',
      'both 8',
      'both 16',
    ]);
    expect(results[1]?.stateBytes).toBe(4 + 2 * 4 * 16);
  });

  it('stops when it is told to, with what is known by then', async () => {
    const { task } = await createRecallTask('copy', { vocabulary: 6, length: 8, pairs: 2 });
    const controller = new AbortController();
    const contestants = ['gru', 'attention'].map((name) => ({ name, memory: name }));
    const results = await measureRecall({
      ...choices,
      task,
      contestants,
      steps: 1000,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect(results.map(({ memory, best }) => [memory, best.end, best.steps])).toEqual([
      ['gru', 'interrupted', 10],
    ]);
  });

  it('ends each training after its time, tests it as it is, and goes on with the next', async () => {
    const { task } = await createRecallTask('copy', { vocabulary: 6, length: 8, pairs: 2 });
    const learningRates = [1e-2, 1e-3];
    const [result] = await measureRecall({ ...choices, task, steps: 1000, learningRates, maxSeconds: 0 });
    expect(result?.runs.map(({ end, steps }) => [end, steps])).toEqual([
      ['out-of-time', 10],
      ['out-of-time', 10],
    ]);
    expect(result?.answers).toBeGreaterThan(0);
  });

  it('says what is wrong with a memory before anything is trained', async () => {
    const { task } = await createRecallTask('mqar');
    const contestants = [{ name: 'gro', memory: 'gro' }];
    await expect(measureRecall({ ...choices, task, contestants })).rejects.toThrow(/no memory "gro".*"gru"/);
  });
});
