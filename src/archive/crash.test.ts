import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openArchive } from './open.js';
import { openPglite } from './store/pglite.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = fileURLToPath(new URL('crash-writer.ts', import.meta.url));
/** Node 20 runs no TypeScript; Vite, which the test runner brings, does. */
const program = `import('vite').then(({ runnerImport }) => runnerImport(${JSON.stringify(script)}))`;

interface Acknowledged {
  readonly session: string;
  readonly id: string;
}

/** Lets a process write until it has acknowledged `count` rounds, kills it in the middle of its work, and says what it acknowledged. */
async function writeAndDie(store: string, count: number): Promise<readonly Acknowledged[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    env: { ...process.env, MNEME_CRASH_STORE: store },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    acknowledged.push(JSON.parse(line) as Acknowledged);
    if (acknowledged.length === count) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return acknowledged;
}

test('after kill -9 in a burst of writes every acknowledged write is there and none is half', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mneme-crash-'));
  try {
    for (const rounds of [3, 8]) {
      const acknowledged = await writeAndDie(folder, rounds);
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
