import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { ConfigError } from '../core/errors.js';
import { eachStore } from '../../test/support/each-store.js';
import type { EmbeddingRole } from './embedder.js';
import { fakeEmbedder } from './fake-embedder.js';
import { reindexArchive } from './open.js';
import { findVectorIndex } from './vector-index.js';
import type { Progress } from './progress.js';

// The vectors of a store all come from one embedder, so the tests of one store share it until the last ones change it.
const embedder = fakeEmbedder({
  name: 'first',
  synonyms: [
    ['car', 'automobile', 'sedan'],
    ['doctor', 'physician'],
  ],
});

eachStore((store) => {
  test('what the words miss, the vectors find', async () => {
    const archive = await store.archive({ embedder });
    await archive.rememberAll([
      { text: 'My sedan needs new tyres before winter.' },
      { text: 'The soup was far too salty for me.' },
      { text: 'Our physician recommends long walks.' },
    ]);
    const [best] = await archive.recall('automobile tyres', { kinds: ['episode'] });
    expect(best?.item.text).toMatch(/sedan/);
    const [doctor] = await archive.recall('doctor', { kinds: ['episode'] });
    expect(doctor?.item.text).toMatch(/physician/);
    expect(doctor?.parts.vector?.rank).toBe(1);
    expect(doctor?.parts.text).toBeUndefined();
  });

  test('similarities are those of an exact search, as far as a byte a number goes', async () => {
    const archive = await store.archive({ embedder });
    const texts = Array.from({ length: 60 }, (_, i) => `word${i} word${i + 1} word${i + 2} word${i % 7}`);
    await archive.rememberAll(texts.map((text) => ({ text, session: text })));
    const [question] = await embedder.embed(['word30 word31'], 'query');
    const passages = await embedder.embed(texts, 'passage');
    const cosine = (a: Float32Array, b: Float32Array): number =>
      a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
    const exact = passages.map((passage) => cosine(passage, question ?? passage)).sort((a, b) => b - a);
    const found = await archive.recall('word30 word31', { limit: 50 });
    const similarities = found.flatMap(({ parts }) => parts.vector?.similarity ?? []).sort((a, b) => b - a);
    const index = await findVectorIndex(store.database);
    // vector-codes.ts: half a step for each number of the question, and numbers of a unit vector are below 1.
    const bound = (question ?? new Float32Array()).reduce((sum, value) => sum + Math.abs(value), 0) / 127 / 2;
    const allowed = index?.storage === 'vector' ? 5e-6 : bound;
    expect(similarities.length).toBeGreaterThanOrEqual(20);
    for (const [i, similarity] of similarities.slice(0, 20).entries())
      expect(Math.abs(similarity - (exact[i] ?? 0))).toBeLessThan(allowed);
  });

  test.each([
    ['another dimension', [new Float32Array(3).fill(1)], /gave a vector of 3 numbers/],
    ['no numbers', [new Float32Array(embedder.dimension).fill(Number.NaN)], /not finite/],
    ['too few', [], /gave 0 vectors for 1 texts/],
  ])('an embedder that gives %s spoils nothing', async (_name, vectors, message) => {
    const archive = await store.archive({ embedder: { ...embedder, embed: async () => vectors } });
    await archive.rememberAll([]);
    await expect(archive.remember('A lamp with a green shade.')).rejects.toThrow(ConfigError);
    await expect(archive.remember('A lamp with a green shade.')).rejects.toThrow(message);
    expect(await archive.users()).toEqual([]);
    await expect(archive.recall('Which lamp?')).rejects.toThrow(message);
  });

  test('filters hold for what vectors find', async () => {
    const archive = await store.archive({ embedder });
    await archive.rememberAll(
      Array.from({ length: 150 }, (_, i) => ({ text: `sedan number ${i} stood there`, session: `s${i}` })),
    );
    await archive.remember({
      text: 'A boat and many other things, one of them an old automobile.',
      session: 'rare',
    });
    expect((await archive.recall('car', { session: 'rare' })).map(({ item }) => item.session)).toEqual([
      'rare',
    ]);
  });

  test('forgetting takes the vectors along', async () => {
    const archive = await store.archive({ embedder });
    await archive.remember('My sedan needs new tyres before winter.');
    expect((await archive.forget({ query: 'sedan' })).removed.vectors).toBe(1);
    expect(await archive.recall('automobile')).toEqual([]);
    expect(await archive.check()).toMatchObject({ ok: true, vectors: 0 });
  });

  test('items written without an embedder are found by words, and by vectors once re-indexed', async () => {
    const tenant = randomUUID();
    const plain = await store.archive({ tenant });
    await plain.rememberAll([{ text: 'My sedan needs new tyres.' }, { text: 'The soup was salty.' }]);
    const archive = await store.archive({ tenant, embedder });
    expect(await archive.recall('automobile')).toEqual([]);
    expect((await archive.check()).problems.map(({ kind }) => kind)).toEqual(['vector', 'vector']);
    await archive.reindex();
    expect((await archive.recall('automobile'))[0]?.item.text).toMatch(/sedan/);
    expect((await archive.check()).ok).toBe(true);
  });

  test('another embedder is refused until the archive is re-indexed with it', async () => {
    const tenant = randomUUID();
    const archive = await store.archive({ tenant, embedder });
    await archive.remember('My sedan needs new tyres before winter.');
    const other = fakeEmbedder({ name: 'second', dimension: 48, synonyms: [['sedan', 'chariot']] });
    await expect(store.archive({ tenant, embedder: other })).rejects.toThrow(
      /made by "first" \(dimension 32\).*"second" \(dimension 48\)/,
    );
    const phases: string[] = [];
    const onProgress = ({ phase, done, total = Infinity }: Progress): void => {
      expect(done).toBeLessThanOrEqual(total);
      phases.push(phase);
    };
    await reindexArchive({ store: store.database, tenant, embedder: other }, { onProgress });
    expect(new Set(phases)).toEqual(new Set(['words', 'vectors', 'search']));
    const reopened = await store.archive({ tenant, embedder: other });
    expect((await reopened.recall('chariot'))[0]?.item.text).toMatch(/sedan/);
    expect((await reopened.check()).ok).toBe(true);
  });

  test('an embedder that fails leaves nothing half-written', async () => {
    const second = fakeEmbedder({ name: 'second', dimension: 48 });
    const tenant = randomUUID();
    const broken = { ...second, embed: () => Promise.reject(new Error('no power')) };
    const archive = await store.archive({ tenant, embedder: broken });
    await expect(archive.remember('My sedan needs new tyres.')).rejects.toThrow('no power');
    const working = await store.archive({ tenant, embedder: second });
    expect((await working.remember('My sedan needs new tyres.')).status).toBe('stored');
  });

  test('a re-indexing that is cancelled leaves the old vectors in use, and goes on when called again', async () => {
    const second = fakeEmbedder({ name: 'second', dimension: 48 });
    const third = fakeEmbedder({ name: 'third', dimension: 24 });
    const tenant = randomUUID();
    await (await store.archive({ tenant, embedder: second })).remember('My sedan needs new tyres.');
    const controller = new AbortController();
    const cancelled = reindexArchive(
      { store: store.database, tenant, embedder: third },
      { signal: controller.signal, onProgress: ({ phase }) => phase === 'vectors' && controller.abort() },
    );
    await expect(cancelled).rejects.toThrow(/cancelled/);
    expect((await store.archive({ tenant, embedder: second }).then((open) => open.check())).ok).toBe(true);
    let embedded = 0;
    const counting = {
      ...third,
      embed: (texts: readonly string[], role: EmbeddingRole) => {
        embedded += texts.length;
        return third.embed(texts, role);
      },
    };
    await reindexArchive({ store: store.database, tenant, embedder: counting });
    expect(embedded).toBe(0);
    expect((await store.archive({ tenant, embedder: third }).then((open) => open.check())).ok).toBe(true);
  });

  test('what is written of anybody while vectors are made anew has one too', async () => {
    const fourth = fakeEmbedder({ name: 'fourth', dimension: 40 });
    const tenant = randomUUID();
    const plain = await store.archive({ tenant });
    for (const user of ['ann', 'ben'])
      await plain.rememberAll(Array.from({ length: 600 }, () => ({ user, text: randomUUID() })));
    let written: Promise<unknown> | undefined;
    await reindexArchive(
      { store: store.database, tenant, embedder: fourth },
      {
        // Of the first user, when the first page of hers is done.
        onProgress: ({ phase }) => {
          if (phase === 'vectors')
            written ??= plain.remember({ user: 'ann', text: 'My sedan needs new tyres.' });
        },
      },
    );
    await written;
    const archive = await store.archive({ tenant, embedder: fourth });
    expect(await archive.check()).toMatchObject({ ok: true, items: 1201, vectors: 1201 });
  });
});
