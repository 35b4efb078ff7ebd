// The metrics file: appended, read, and cut back to a step whatever a crash left at its end.
import { describe, expect, it } from 'vitest';
import { MemoryDisk, MemoryFiles } from '../testing/memory-files.js';
import { CheckpointError } from '../core/errors.js';
import { appendMetrics, cutBackMetrics, readMetrics } from './metrics-log.js';

const path = 'd/metrics.jsonl';

async function filesWith(text?: string | Uint8Array): Promise<MemoryFiles> {
  const disk = new MemoryDisk();
  disk.folders.add('d');
  const files = new MemoryFiles(disk);
  if (text !== undefined) await files.writeAtomic(path, text);
  return files;
}

const log =
  '{"step":1,"loss":2.5}\n{"step":2,"loss":2.25}\n{"step":2,"note":"验证 ✓"}\n{"step":3,"loss":null}\n';

describe('reading', () => {
  it('gives the records in order', async () => {
    const files = await filesWith();
    await appendMetrics(files, path, { step: 1, loss: 2.5 });
    await appendMetrics(files, path, { step: 2, note: '验证 ✓', loss: NaN });
    expect(await readMetrics(files, path)).toEqual([
      { step: 1, loss: 2.5 },
      { step: 2, note: '验证 ✓', loss: null },
    ]);
  });

  it('gives none where there is no file', async () => {
    expect(await readMetrics(await filesWith(), path)).toEqual([]);
  });

  it('leaves out a last line that is not finished, wherever it was cut', async () => {
    const bytes = new TextEncoder().encode(log);
    for (let length = 0; length <= bytes.length; length++) {
      const files = await filesWith(bytes.slice(0, length));
      const whole = new TextDecoder().decode(bytes.slice(0, length)).split('\n').length - 1;
      expect(await readMetrics(files, path)).toHaveLength(whole);
    }
  });

  it.each(['not json', '[1]', '{"loss":1}'])('names the line that is not a record: %s', async (line) => {
    const reading = readMetrics(await filesWith(`{"step":1}\n${line}\n{"step":2}\n`), path);
    await expect(reading).rejects.toThrow(CheckpointError);
    await expect(reading).rejects.toThrow('metrics.jsonl:2"');
  });
});

describe('cutting back', () => {
  it('drops the records after the step, and keeps all of the step', async () => {
    const files = await filesWith(log);
    await cutBackMetrics(files, path, 2);
    expect(await files.readText(path)).toBe(log.split('\n').slice(0, 3).join('\n') + '\n');
  });

  it('drops a torn last line, wherever it was cut', async () => {
    const bytes = new TextEncoder().encode(log);
    for (let length = 0; length <= bytes.length; length++) {
      const files = await filesWith(bytes.slice(0, length));
      await cutBackMetrics(files, path, 9);
      const kept = await files.readText(path);
      expect(log.startsWith(kept)).toBe(true);
      expect(kept === '' || kept.endsWith('\n')).toBe(true);
      expect(kept.split('\n')).toHaveLength(
        new TextDecoder().decode(bytes.slice(0, length)).split('\n').length,
      );
    }
  });

  it('drops everything for a run without a checkpoint', async () => {
    const files = await filesWith(log);
    await cutBackMetrics(files, path, -1);
    expect(await files.readText(path)).toBe('');
  });

  it('changes nothing where there is nothing to cut', async () => {
    const disk = (await filesWith(log)).disk;
    const untouchable = new MemoryFiles(disk, (change) => {
      throw new Error(change);
    });
    await cutBackMetrics(untouchable, path, 3);
    await cutBackMetrics(untouchable, 'd/none.jsonl', 3);
    expect(await untouchable.readText(path)).toBe(log);
  });
});
