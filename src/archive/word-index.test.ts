import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { eachStore } from '../../test/support/each-store.js';
import type { Logger } from '../core/log.js';
import { analyzerVersion } from './analysis/version.js';

function collecting(): { readonly said: string[]; readonly log: Logger } {
  const said: string[] = [];
  return { said, log: { log: (level, message) => void said.push(`${level}: ${message}`) } };
}

eachStore((store) => {
  test('words indexed by another analyzer are spoken of at opening until they are indexed again', async () => {
    const tenant = randomUUID();
    const said = async (): Promise<readonly string[]> => {
      const { said: messages, log } = collecting();
      await store.archive({ tenant, log });
      return messages;
    };
    const archive = await store.archive({ tenant });
    await archive.rememberAll([
      { text: 'An apple.', user: 'ann' },
      { text: 'A pear.', user: 'ben' },
    ]);
    expect(await said()).toEqual([]);
    await store.database.query(`UPDATE scopes SET analyzer = $2 WHERE tenant = $1 AND user_name = 'ben'`, [
      tenant,
      analyzerVersion + 1,
    ]);
    const message = `The words of 1 user were indexed by another version of the analyzer (${analyzerVersion + 1}; this one is ${analyzerVersion})`;
    expect(await said()).toEqual([expect.stringContaining(message)]);
    expect(await said()).toEqual([expect.stringContaining('mneme archive reindex')]);
    await archive.remember({ text: 'A plum.', user: 'ben' });
    expect(await said()).toHaveLength(1);
    await archive.reindex();
    expect(await said()).toEqual([]);
  });

  test('a user of whom nothing is left gets an index of this analyzer with the next text', async () => {
    const tenant = randomUUID();
    const { said, log } = collecting();
    const archive = await store.archive({ tenant });
    const { id = '' } = await archive.remember('An apple.');
    await archive.forget({ ids: [id] });
    const older = await store.database.query(
      'UPDATE scopes SET analyzer = 0 WHERE tenant = $1 AND item_count = 0 RETURNING scope',
      [tenant],
    );
    expect(older).toHaveLength(1);
    await archive.remember('A pear.');
    await store.archive({ tenant, log });
    expect(said).toEqual([]);
  });
});
