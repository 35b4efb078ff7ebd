import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Database } from '../database.js';
import { fakeEmbedder } from '../fake-embedder.js';
import { openArchive } from '../open.js';
import { storeKinds } from '../../../test/support/each-store.js';
import { createRedactor } from './redact.js';

const key = (): Uint8Array => new Uint8Array(randomBytes(32));
const episodes = [
  { text: 'I live in Lyon near the funicular.', speaker: 'Ann', session: 's' },
  { text: 'I have moved to Nantes now.', speaker: 'Ann', session: 's' },
  { text: '我喜欢喝绿茶', speaker: 'Ann' },
];

/** Every row of every table as text. */
async function dump(database: Database): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'vectors%'`,
  );
  let all = '';
  for (const { name } of tables)
    for (const row of await database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`))
      all += `${row.row}\n`;
  return all;
}

for (const { name, open } of storeKinds)
  test.skipIf(open === undefined)(
    `${name}: an encrypted store works like a plain one and shows no word of its texts`,
    async () => {
      const database = (await open?.()) as Database;
      try {
        const encryption = { key: key() };
        const archive = await openArchive({ store: database, tenant: randomUUID(), encryption });
        await archive.rememberAll(episodes);
        await archive.addDocument({ title: 'Secret boats', text: 'A boat has a mast.' });
        expect((await archive.remember(episodes[0] ?? '')).status).toBe('duplicate');
        expect(
          (await archive.remember({ text: 'i live in lyon near the funicular!', speaker: 'Ann' })).status,
        ).toBe('near-duplicate');
        expect((await archive.recall('Where does Ann live?'))[0]?.item.text).toMatch(/Nantes/);
        expect((await archive.recall('绿茶'))[0]?.item.text).toMatch(/绿茶/);
        expect((await archive.check()).problems).toEqual([]);
        expect(await dump(database)).not.toMatch(/Lyon|lyon|Nantes|funicular|绿茶|boat|mast/);
        const receipt = await archive.forget({ query: 'Nantes' });
        expect(receipt.removed.episodes).toBe(1);
      } finally {
        await database.close();
      }
    },
  );

test('keys are checked at opening and can be replaced', async () => {
  const database = (await storeKinds[0]?.open?.()) as Database;
  try {
    const [first, second] = [key(), key()];
    const tenant = randomUUID();
    const archive = await openArchive({ store: database, tenant, encryption: { key: first } });
    await archive.rememberAll(episodes);
    await archive.addDocument({ title: 'Boats', text: 'A boat has a mast.' });
    await expect(openArchive({ store: database, tenant })).rejects.toThrow(
      /is encrypted with key [0-9a-f]{8}/,
    );
    await expect(openArchive({ store: database, tenant, encryption: { key: second } })).rejects.toThrow(
      /the keys given are/,
    );
    await expect(openArchive({ store: database, encryption: { key: first.subarray(1) } })).rejects.toThrow(
      /31 bytes/,
    );
    const both = await openArchive({
      store: database,
      tenant,
      encryption: { key: second, previousKeys: [first] },
    });
    expect((await both.recall('Where does Ann live?'))[0]?.item.text).toMatch(/Nantes/);
    // Three episodes, their facts with what they say, and a document of one chunk.
    expect(await both.rotateKeys()).toBe(3 + 3 + 3 + 1 + 1);
    expect(await both.rotateKeys()).toBe(0);
    await expect(openArchive({ store: database, tenant, encryption: { key: first } })).rejects.toThrow(
      /the keys given are/,
    );
    const rotated = await openArchive({ store: database, tenant, encryption: { key: second } });
    expect((await rotated.recall('Where does Ann live?'))[0]?.item.text).toMatch(/Nantes/);
    expect((await rotated.check()).problems).toEqual([]);
  } finally {
    await database.close();
  }
});

test('a plain store is not encrypted over, and a changed text does not open', async () => {
  const database = (await storeKinds[0]?.open?.()) as Database;
  try {
    const plain = await openArchive({ store: database });
    await plain.remember('something plain');
    await expect(openArchive({ store: database, encryption: { key: key() } })).rejects.toThrow(
      /holds plain texts/,
    );
    await expect(plain.rotateKeys()).rejects.toThrow(/not encrypted/);
    await plain.forget({ user: 'default' });
    const archive = await openArchive({ store: database, encryption: { key: key() } });
    await archive.rememberAll([
      { text: 'first sealed text', user: 'a' },
      { text: 'second sealed text', user: 'b' },
    ]);
    // A text moved to another user does not open there.
    await database.query(`UPDATE items SET text = (SELECT max(text) FROM items)`);
    await expect(
      archive.recall('first', { user: 'a' }).then(() => archive.recall('second', { user: 'b' })),
    ).rejects.toThrow(/does not open/);
  } finally {
    await database.close();
  }
});

test('personal data is replaced before anything is stored, embedded or indexed', async () => {
  const database = (await storeKinds[0]?.open?.()) as Database;
  try {
    const seen: string[] = [];
    const embedder = fakeEmbedder();
    const archive = await openArchive({
      store: database,
      redactor: createRedactor(),
      embedder: { ...embedder, embed: (texts, role) => (seen.push(...texts), embedder.embed(texts, role)) },
    });
    const outcome = await archive.remember('My phone number is 13800138000, or write to ann@example.org.');
    expect(outcome.redacted).toEqual({ phone: 1, email: 1 });
    const { redacted } = await archive.addDocument({ title: 'Contacts', text: 'Bob: bob@example.org' });
    expect(redacted).toEqual({ email: 1 });
    expect(await dump(database)).not.toMatch(/13800138000|example\.org/);
    expect(seen.join()).not.toMatch(/13800138000|example\.org/);
  } finally {
    await database.close();
  }
});
