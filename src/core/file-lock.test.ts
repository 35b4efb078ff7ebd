import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StorageError } from './errors.js';
import type { LockHost } from './file-lock.js';
import { claimLock } from './file-lock.js';
import { Random } from './random.js';

/** A folder that several processes see; `step` runs each access to it, in whatever order a scheduler picks. */
function sharedFolder(step: <T>(work: () => T) => Promise<T> = async (work) => work()) {
  const files = new Set<string>();
  const dead = new Set<string>();
  const hostOf = (owner: string): LockHost => ({
    owner,
    isAlive: (other) => step(() => !dead.has(other)),
    createExclusive: (path) => step(() => !files.has(path) && files.add(path).has(path)),
    list: () => step(() => [...files].sort()),
    remove: (path) => step(() => void files.delete(path)),
    wait: () => step(() => undefined),
  });
  return { files, dead, hostOf };
}

/** Holds every access back until `run` picks it, by the numbers that `choose` gives, until all of `work` is done. */
function interleaving(choose: (count: number) => number) {
  const waiting: (() => void)[] = [];
  return {
    step: <T>(work: () => T): Promise<T> => new Promise((resolve) => waiting.push(() => resolve(work()))),
    run: async (work: readonly Promise<unknown>[]): Promise<void> => {
      const progress = { done: false };
      const finished = Promise.all(work).then(() => (progress.done = true));
      while (!progress.done) {
        waiting.splice(choose(waiting.length), 1)[0]?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await finished;
    },
  };
}

it('never lets two processes hold a lock, whatever the order of their accesses', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 2, max: 4 }),
      fc.boolean(),
      async (seed, count, stale) => {
        const random = Random.fromSeed(seed);
        const { step, run } = interleaving((waiting) => (waiting === 0 ? 0 : random.integer(waiting)));
        const shared = sharedFolder(step);
        if (stale) {
          shared.files.add('lock.7-7');
          shared.dead.add('7-7');
        }
        let holders = 0;
        await run(
          Array.from({ length: count }, (_, i) =>
            claimLock(shared.hostOf(`${i}-1`), 'lock').then(
              () => void holders++,
              (error: unknown) => expect(error).toBeInstanceOf(StorageError),
            ),
          ),
        );
        expect(holders).toBeLessThanOrEqual(1);
        expect([...shared.files].filter((name) => name !== 'lock.7-7')).toHaveLength(holders);
      },
    ),
  );
});

it('lets exactly one of two processes take over what a dead one left', async () => {
  const shared = sharedFolder();
  shared.files.add('lock.7-7').add('lock.8-8');
  shared.dead.add('7-7').add('8-8');
  const claims = await Promise.allSettled(
    ['2-1', '1-1'].map((owner) => claimLock(shared.hostOf(owner), 'lock')),
  );
  expect(claims.map((claim) => claim.status)).toEqual(['rejected', 'fulfilled']);
  expect([...shared.files]).toEqual(['lock.1-1']);
});

it('says which living process holds the lock, and in which file', async () => {
  const shared = sharedFolder();
  await claimLock(shared.hostOf('41-9'), 'lock');
  await expect(claimLock(shared.hostOf('5-1'), 'lock')).rejects.toMatchObject({
    message: expect.stringMatching(/locked by process 41 \(file "lock\.41-9"\)/),
    fields: { pid: 41, lockFile: 'lock.41-9' },
  });
  expect([...shared.files]).toEqual(['lock.41-9']);
});

it('leaves files alone that only look like claims', async () => {
  const shared = sharedFolder();
  shared.files.add('lock.txt').add('lock.7-7.bak').add('clock.7-7');
  shared.dead.add('7-7');
  const lock = await claimLock(shared.hostOf('1-1'), 'lock');
  await lock.release();
  expect([...shared.files]).toEqual(['lock.txt', 'lock.7-7.bak', 'clock.7-7']);
});
