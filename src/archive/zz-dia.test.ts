import { test } from 'vitest';
import { openArchive } from './open.js';
import { openPgliteInMemory } from './store/pglite.js';
import { benchDialogue } from './bench/dialogue-recall.js';
test('d', async () => {
  const archive = await openArchive({ store: await openPgliteInMemory({ thread: 'main' }) });
  console.log(await benchDialogue(archive, { turns: 2000, seeds: 3 }));
  await archive.close();
});
