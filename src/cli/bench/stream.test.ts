// What `bench stream` tells on its way, and that it can be ended. Its figures are not checked: no timing decides a test.
import { afterAll, describe, expect, it } from 'vitest';
import type { StreamProgress } from './stream.js';
import { AbortedError } from '../../core/errors.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { benchStream } from './stream.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const options = { memory: 'gru', tokens: 1000, width: 8, layers: 1, rounds: 4 };

describe('bench stream', () => {
  it('tells of every stage, the one before anything is measured included', async () => {
    const told: StreamProgress[] = [];
    const onProgress = (progress: StreamProgress): void => void told.push(progress);
    const report = await benchStream(runtime, { ...options, onProgress });
    const stages = [...new Set(told.map(({ stage }) => stage))];
    expect(stages).toEqual(['warming up', 'reading', 'timing']);
    for (const stage of stages) {
      const own = told.filter((progress) => progress.stage === stage);
      expect(own[0]?.tokens).toBeGreaterThan(0);
      expect(own.at(-1)?.tokens).toBe(own.at(-1)?.totalTokens);
    }
    expect(report).toMatchObject({ tokens: 1024, stateBytes: 4 + 4 * 8 });
    expect(report.residentMegabytes.along).toHaveLength(20);
  });

  it('ends when it is interrupted, also before anything is measured', async () => {
    const controller = new AbortController();
    const told: string[] = [];
    const onProgress = ({ stage }: StreamProgress): void => {
      told.push(stage);
      controller.abort();
    };
    const { signal } = controller;
    await expect(benchStream(runtime, { ...options, onProgress, signal })).rejects.toThrow(AbortedError);
    expect(told).toEqual(['warming up']);
  });
});
