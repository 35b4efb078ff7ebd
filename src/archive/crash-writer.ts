// For the crash test: writes into a store until it is killed, and says what was acknowledged. Run by crash.test.ts.
import { openArchive } from './open.js';
import { openPglite } from './store/pglite.js';
import { openPostgres } from './store/postgres.js';

const address = process.env['MNEME_CRASH_STORE'] ?? '';
const store = address.startsWith('postgres')
  ? await openPostgres(address)
  : await openPglite(address, { thread: 'main' });
const archive = await openArchive({ store });

/** Batches of ten are written under one session each, single notes in between. */
for (let n = 0; ; n++) {
  const session = `batch ${n}`;
  const batch = Array.from({ length: 10 }, (_, i) => ({
    text: `Entry ${i} of batch ${n} about apples`,
    session,
  }));
  await archive.rememberAll(batch);
  const { id = '' } = await archive.remember({
    text: `Single note ${n}: I live in Town${n}.`,
    speaker: 'Ann',
  });
  process.stdout.write(`${JSON.stringify({ session, id })}\n`);
}
