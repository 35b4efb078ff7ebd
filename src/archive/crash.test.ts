import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { linesUntilKilled } from '../../test/support/kill-script.js';
import { openArchive } from './open.js';
import { openPglite } from './store/pglite.js';

const script = fileURLToPath(new URL('crash-writer.ts', import.meta.url));

interface Acknowledged {
  readonly session: string;
  readonly id: string;
}

test('after kill -9 in a burst of writes every acknowledged write is there and none is half', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mneme-crash-'));
  try {
    for (const rounds of [3, 8]) {
      const acknowledged = await linesUntilKilled<Acknowledged>(
        script,
        { MNEME_CRASH_STORE: folder },
        rounds,
      );
      const archive = await openArchive({ store: await openPglite(folder, { thread: 'main' }) });
      try {
        expect((await archive.check()).problems).toEqual([]);
        const notes = await archive.items(acknowledged.map(({ id }) => id));
        expect(notes).toHaveLength(rounds);
        for (const { session } of acknowledged)
          expect((await archive.window({ session, maxTokens: 1e6 })).turns).toHaveLength(10);
        // The round that nobody acknowledged is there as a whole or not at all.
        const next = `batch ${acknowledged.length}`;
        expect([0, 10]).toContain((await archive.window({ session: next, maxTokens: 1e6 })).turns.length);
        expect((await archive.remember(`Still writable after ${rounds}`)).status).toBe('stored');
        await archive.forget({ user: 'default' });
      } finally {
        await archive.close();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
