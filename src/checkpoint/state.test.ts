// The state file: what is written comes back, and what is no state is refused with a reason.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryDisk, MemoryFiles } from '../../test/support/memory-files.js';
import { CheckpointError } from '../core/errors.js';
import { Random } from '../core/random.js';
import type { JsonValue } from './json.js';
import type { SavedState } from './state.js';
import { readState, writeState } from './state.js';

function memoryFiles(): MemoryFiles {
  const disk = new MemoryDisk();
  disk.folders.add('d');
  return new MemoryFiles(disk);
}

const state: SavedState = {
  fingerprint: 'f',
  step: 3,
  tokens: 96,
  random: Random.fromSeed(1).state(),
  data: { epoch: 0, position: 12 },
  best: { step: 2, metric: 'loss', value: 1.5 },
  evaluationsSinceBest: 1,
};

const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const anyState = fc.record({
  fingerprint: fc.string(),
  step: fc.maxSafeNat(),
  tokens: fc.maxSafeNat(),
  random: fc.nat().map((seed) => Random.fromSeed(seed).state()),
  data: fc
    .jsonValue({ noUnicodeString: false })
    .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue),
  best: fc.option(fc.record({ step: fc.maxSafeNat(), metric: fc.string(), value: number })),
  evaluationsSinceBest: fc.nat(),
});

describe('state.json', () => {
  it('gives back every state exactly', async () => {
    await fc.assert(
      fc.asyncProperty(anyState, async (written) => {
        const files = memoryFiles();
        await writeState(files, 'd/state.json', written);
        expect(await readState(files, 'd/state.json')).toEqual(written);
      }),
    );
  });

  it('lets a random stream go on where it stood', async () => {
    const files = memoryFiles();
    const random = Random.fromSeed(7);
    random.normal();
    await writeState(files, 'd/state.json', { ...state, random: random.state() });
    const resumed = Random.fromState((await readState(files, 'd/state.json')).random);
    expect([resumed.uniform(), resumed.uniform()]).toEqual([random.uniform(), random.uniform()]);
  });

  it('reads the best validation of states that knew of no metric but the loss', async () => {
    const files = memoryFiles();
    const old = { version: 1, ...state, best: { step: 2, loss: 1.5 } };
    await files.writeAtomic('d/state.json', JSON.stringify(old));
    expect(await readState(files, 'd/state.json')).toEqual(state);
  });

  it('refuses to write what JSON cannot hold', async () => {
    const written = writeState(memoryFiles(), 'd/state.json', {
      ...state,
      best: { step: 1, metric: 'loss', value: NaN },
    });
    await expect(written).rejects.toThrow(
      /"d\/state.json" does not describe a training state:[^]*best\.value/,
    );
  });

  it.each([
    [
      'of a newer version',
      { ...state, version: 2 },
      'has version 2, and version 1 was expected. A newer Mneme wrote it',
    ],
    ['without a version', state, 'has no version'],
    ['that is no object', [], 'has no version'],
    ['without its step', { ...state, step: undefined, version: 1 }, 'at step'],
    ['with a negative step', { ...state, step: -1, version: 1 }, 'at step'],
    ['with an unknown key', { ...state, extra: 1, version: 1 }, 'extra'],
  ])('refuses one %s', async (_, content, message) => {
    const files = memoryFiles();
    await files.writeAtomic('d/state.json', JSON.stringify(content));
    const reading = readState(files, 'd/state.json');
    await expect(reading).rejects.toThrow(CheckpointError);
    await expect(reading).rejects.toThrow(message);
  });

  it('is refused at every length short of the whole', async () => {
    const files = memoryFiles();
    await writeState(files, 'd/state.json', state);
    const text = await files.readText('d/state.json');
    for (let length = 0; length < text.trimEnd().length; length++) {
      await files.writeAtomic('d/state.json', text.slice(0, length));
      await expect(readState(files, 'd/state.json')).rejects.toThrow('"d/state.json" is not valid JSON');
    }
  });
});
