// The bench of segment memories on a text of a few lines: what it reports, not how well the models do.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { files } from '../../core/files.node.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { benchSegment } from './segment.js';

const folder = mkdtempSync(join(tmpdir(), 'mneme-segment-'));
const runtime = new NodeRuntime({ threads: 1 });
afterAll(async () => {
  await runtime.dispose();
  rmSync(folder, { recursive: true, force: true });
});

it('reads what it trained with other lengths of memory', async () => {
  const path = join(folder, 'text.txt');
  writeFileSync(path, 'Der alte Fürst ging langsam durch den Garten. '.repeat(100));
  const { arms, ...verdicts } = await benchSegment(
    { files, runtime, folder: join(folder, 'runs') },
    { path },
    { memoryLengths: [4], segmentLength: 4, steps: 2, seed: 1, readLengths: [8, 4] },
  );
  const [arm] = arms;
  expect(arm?.steps).toBe(2);
  expect(Object.keys(arm?.lossByReadLength ?? {})).toEqual(['4', '8']);
  const [own = NaN, longer = NaN] = Object.values(arm?.lossByReadLength ?? {});
  expect(own).toBe(arm?.validationLoss);
  expect(longer).not.toBe(own);
  expect(verdicts).toEqual({
    segmentLength: 4,
    lowerWithLongerMemory: true,
    lowerWhenReadWithLonger: longer < own,
  });
});
