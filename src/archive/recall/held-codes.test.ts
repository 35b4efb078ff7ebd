import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { anotherProgram } from '../../../test/support/another-program.js';
import { eachStore } from '../../../test/support/each-store.js';
import { binaryRows, floatBytes, int4 } from '../binary-rows.js';
import type { Database } from '../database.js';
import { fakeEmbedder } from '../fake-embedder.js';
import { openArchive } from '../open.js';
import { listScopes } from '../scope.js';
import { findVectorIndex, tableOf } from '../vector-index.js';
import { codeQuery } from './code-blocks.js';
import { HeldCodes } from './held-codes.js';

const embedder = fakeEmbedder({ synonyms: [['car', 'sedan']] });
const options = { embedder, vectorStorage: 'codes' } as const;

async function indexIn(database: Database) {
  const index = await findVectorIndex(database);
  if (index === undefined) throw new Error('There is no index.');
  return index;
}

eachStore((store) => {
  test('what is written after a question is read before the next one, and only that', async () => {
    const tenant = randomUUID();
    const archive = await store.archive({ tenant, ...options });
    await archive.rememberAll(Array.from({ length: 30 }, (_, i) => ({ text: `first${i} second${i}` })));
    const held = new HeldCodes(await indexIn(store.database), 512e6);
    const statements: string[] = [];
    const watched = anotherProgram(store.database, (_, sql) => void statements.push(sql));
    const [question = new Float32Array()] = await embedder.embed(['first3 second3'], 'query');
    const search = async (): Promise<readonly number[]> => {
      const [scope] = await listScopes(store.database, tenant);
      if (scope === undefined) throw new Error('There is no scope.');
      const codes = await held.borrow(watched, scope);
      const hits = codes.index.search(codeQuery(question), 100);
      codes.release();
      return hits.map(({ ordinal }) => ordinal);
    };
    expect((await search())[0]).toBe(3);
    expect(await search()).toHaveLength(30);
    expect(statements).toHaveLength(1);
    await archive.remember('Something new about first3 second3 indeed.');
    expect((await search()).slice(0, 2)).toEqual([3, 30]);
    expect(statements).toHaveLength(2);
  });

  test('archives on one database see what the other writes and forgets', async () => {
    const tenant = randomUUID();
    const [one, other] = [
      await store.archive({ tenant, ...options }),
      await store.archive({ tenant, ...options }),
    ];
    const texts = async (): Promise<readonly string[]> =>
      (await other.recall('car')).map(({ item }) => item.text);
    await one.remember('My sedan is red.');
    expect(await texts()).toEqual(['My sedan is red.']);
    await one.remember('A blue sedan was stolen.');
    expect(await texts()).toHaveLength(2);
    await one.forget({ query: 'red' });
    expect(await texts()).toEqual(['A blue sedan was stolen.']);
    await one.forget({ user: 'default' });
    await one.remember('Their sedan is green.');
    expect(await texts()).toEqual(['Their sedan is green.']);
  });

  test('a scope dropped while it is searched is wiped after', async () => {
    const tenant = randomUUID();
    const archive = await store.archive({ tenant, ...options });
    await archive.remember('My sedan is red.');
    const held = new HeldCodes(await indexIn(store.database), 512e6);
    const [scope] = await listScopes(store.database, tenant);
    if (scope === undefined) throw new Error('There is no scope.');
    const [question = new Float32Array()] = await embedder.embed(['car'], 'query');
    const codes = await held.borrow(store.database, scope);
    held.dropAll();
    expect(codes.index.search(codeQuery(question), 5)).toHaveLength(1);
    codes.release();
    expect(codes.index.search(codeQuery(question), 5)).toEqual([]);
    expect((await held.borrow(store.database, scope)).index.search(codeQuery(question), 5)).toHaveLength(1);
  });

  test('an index of floats, made by an earlier version, is searched too', async () => {
    const tenant = randomUUID();
    const archive = await store.archive({ tenant, ...options });
    await archive.rememberAll([{ text: 'My sedan is red.' }, { text: 'The soup was salty.' }]);
    const [scope] = await listScopes(store.database, tenant);
    if (scope === undefined) throw new Error('There is no scope.');
    const index = await indexIn(store.database);
    const vectors = await embedder.embed(['My sedan is red.', 'The soup was salty.'], 'passage');
    await store.database.query(`DELETE FROM ${tableOf(index)}`);
    await store.database.query(`UPDATE embedding_indexes SET storage = 'bytea'`);
    try {
      await store.database.copyBinary(
        tableOf(index),
        ['scope', 'ordinal', 'embedding'],
        binaryRows(vectors.map((vector, i) => [int4(scope.scope), int4(i), floatBytes(vector)])),
      );
      const older = await openArchive({ store: store.database, tenant, embedder });
      const codes = await new HeldCodes(await indexIn(store.database), 512e6).borrow(store.database, scope);
      const [question = new Float32Array()] = await embedder.embed(['car'], 'query');
      expect(codes.index.search(codeQuery(question), 1)[0]?.ordinal).toBe(0);
      await older.remember('A blue sedan was stolen.');
      expect((await older.check()).ok).toBe(true);
    } finally {
      await store.database.query(`DELETE FROM ${tableOf(index)}`);
      await store.database.query(`UPDATE embedding_indexes SET storage = 'codes'`);
    }
  });
});
