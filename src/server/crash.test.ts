import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { linesUntilKilled } from '../../test/support/kill-script.js';
import { openPglite } from '../archive/store/pglite.js';
import { stubGenerator } from '../testing/stub-generator.js';
import { Archives } from './archives.js';
import { createServer } from './create-server.js';
import type { Turn, TurnsResponse } from './wire.js';

const script = fileURLToPath(new URL('crash-server.ts', import.meta.url));

test('after kill -9 with three streams open the conversations hold every acknowledged turn, and go on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mneme-server-'));
  try {
    const acknowledged = await linesUntilKilled<Turn>(script, { MNEME_CRASH_STORE: folder }, 11);
    const archives = new Archives({ store: await openPglite(folder, { thread: 'main' }) });
    try {
      expect((await (await archives.of('default')).check()).problems).toEqual([]);
      const models = [{ id: 'stub', generator: stubGenerator({ answer: 'Here I am again.' }) }];
      const { app } = createServer({ archiveOf: (tenant) => archives.of(tenant), models });
      for (const session of new Set(acknowledged.map((turn) => turn.session))) {
        const held = (await (await app.request(`/v1/sessions/${session}`)).json()) as TurnsResponse;
        const own = acknowledged.filter((turn) => turn.session === session);
        expect(held.turns.slice(0, own.length)).toEqual(own);
        // What nobody acknowledged is there whole or not at all, and nothing twice.
        expect(held.turns.length - own.length).toBeLessThanOrEqual(1);
        const messages = held.turns.filter(({ role }) => role === 'user').map(({ text }) => text);
        expect(new Set(messages).size).toBe(messages.length);
        const again = await app.request('/v1/chat/completions', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            messages: [{ role: 'user', content: messages.at(-1) }],
            mneme: { session },
          }),
        });
        expect(again.status).toBe(200);
      }
    } finally {
      await archives.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);
