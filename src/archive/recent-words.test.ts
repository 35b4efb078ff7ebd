// Words that have not settled are found as those that have, whatever is added and forgotten.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { eachStore } from '../../test/support/each-store.js';
import type { Archive } from './archive.js';
import { EpisodeWriter } from './bench/episodes.js';
import { mostRecent } from './recent-words.js';
import type { RecallOptions } from './recall/query.js';
import type { EpisodeInput } from './types.js';

const now = (): Date => new Date('2026-03-02T10:00:00Z');

const answers = async (archive: Archive, question: string, options?: RecallOptions): Promise<unknown> =>
  (await archive.recall(question, { unknownUser: 'empty', ...options })).map(
    ({ item, score, parts, terms }) => [item.text, score, parts, terms],
  );

eachStore((store) => {
  interface Recent {
    readonly items: number;
    /** Of those that have not begun to settle. */
    readonly terms: number;
    readonly indexed: number;
    /** So many parts of the words of others have settled. */
    readonly parts: number;
    readonly next: number;
  }

  /** How many items of a user have words that have not settled, how many words, and below which item all have. */
  async function recent(tenant: string): Promise<Recent> {
    const [row] = await store.database.query<Recent & { readonly counted: number }>(
      `SELECT s.recent_terms AS terms, indexed, settled_parts AS parts, next_ordinal AS next, r.items, r.counted
       FROM scopes s CROSS JOIN LATERAL (
         SELECT count(*)::int4 AS items,
           coalesce(sum(cardinality(terms)) FILTER (WHERE ordinal >= s.settling), 0)::int4 AS counted
         FROM recent_words r WHERE r.scope = s.scope) AS r WHERE tenant = $1`,
      [tenant],
    );
    if (row === undefined) return { items: 0, terms: 0, indexed: 0, parts: 0, next: 0 };
    const { counted, ...counts } = row;
    expect(counts.terms).toBeGreaterThanOrEqual(counted);
    return counts;
  }

  /** Long ones, so that words settle soon. */
  function longEpisodes(seed: number, count: number): readonly EpisodeInput[] {
    const writer = new EpisodeWriter(seed);
    return Array.from({ length: count }, () => {
      const [first, ...others] = writer.next(10);
      return { ...first, text: [first, ...others].map((episode) => episode?.text).join(' ') };
    });
  }

  test('told one by one and told at once, the same is found', async () => {
    const episodes = longEpisodes(11, 200);
    const questions = new EpisodeWriter(12);
    const [one, other] = [randomUUID(), randomUUID()];
    const slowly = await store.archive({ tenant: one, now });
    const long = Array.from({ length: mostRecent + 1 }, (_, n) => `x${n}y`).join(' ');
    const settled: number[] = [];
    const partly: number[] = [];
    const check = async (count: number): Promise<void> => {
      const atOnce = await store.archive({ tenant: randomUUID(), now });
      await atOnce.rememberAll(episodes.slice(0, count));
      const cold = await store.archive({ tenant: one, now });
      const last = episodes[count - 1]?.text ?? '';
      expect(await answers(atOnce, last)).not.toEqual([]);
      for (const question of [questions.question(), questions.question(), last]) {
        const expected = await answers(atOnce, question);
        for (const options of [{}, { allUsers: true }]) {
          expect(await answers(slowly, question, options), `${question}, ${count} told`).toEqual(expected);
          expect(await answers(cold, question, options)).toEqual(expected);
        }
      }
    };
    for (const [n, episode] of episodes.entries()) {
      await slowly.remember(episode);
      const { items, terms, indexed, parts, next } = await recent(one);
      expect(next - indexed).toBe(items);
      expect(terms).toBeLessThanOrEqual(mostRecent);
      const isNew = indexed > (settled.at(-1) ?? 0);
      if (isNew) settled.push(indexed);
      if (parts > 0) partly.push(parts);
      if (isNew || parts === partly[1] || (n + 1) % 50 === 0) await check(n + 1);
    }
    expect(settled.length).toBeGreaterThan(0);
    expect(partly.length).toBeGreaterThan(3);
    // A long text settles at once, with what is recent.
    await slowly.remember({ text: long });
    expect((await recent(one)).items).toBe(0);
    await slowly.remember({ text: 'And a short one after it, x4y.' });
    expect((await recent(one)).items).toBe(1);
    expect((await slowly.recall('x4y')).map(({ item }) => item.text.length).sort()).toHaveLength(2);
    // So do many at once.
    const both = await store.archive({ tenant: other, now });
    for (const episode of episodes.slice(0, 9)) await both.remember(episode);
    await both.rememberAll(episodes.slice(9));
    expect((await recent(other)).items).toBe(0);
    const question = questions.question();
    const whole = await store.archive({ tenant: randomUUID(), now });
    await whole.rememberAll(episodes);
    expect(await answers(both, question)).toEqual(await answers(whole, question));
    for (const archive of [slowly, both]) expect((await archive.check()).problems).toEqual([]);
  });

  test('what has settled in part is found, forgotten and checked, and settles when many are told', async () => {
    const tenant = randomUUID();
    const archive = await store.archive({ tenant, now });
    const episodes = longEpisodes(13, 140);
    const ids: string[] = [];
    let parts = 0;
    for (const episode of episodes) {
      ids.push((await archive.remember(episode)).id ?? '');
      ({ parts } = await recent(tenant));
      if (parts > 3) break;
    }
    expect(parts).toBeGreaterThan(3);
    expect((await archive.check()).problems).toEqual([]);
    await archive.forget({ ids: ids.slice(3, 6) });
    expect((await archive.check()).problems).toEqual([]);
    const left = episodes.slice(0, ids.length).filter((_, n) => n < 3 || n >= 6);
    const more = longEpisodes(14, 200);
    await archive.rememberAll(more);
    expect(await recent(tenant)).toMatchObject({ items: 0, parts: 0, terms: 0 });
    expect((await archive.check()).problems).toEqual([]);
    const whole = await store.archive({ tenant: randomUUID(), now });
    await whole.rememberAll([...left, ...more]);
    const textsOf = async (from: Archive, question: string): Promise<ReadonlySet<string>> =>
      new Set((await from.recall(question, { limit: 100 })).map(({ item }) => item.text));
    for (const question of [left[4]?.text ?? '', more[7]?.text ?? ''])
      expect(await textsOf(archive, question)).toEqual(await textsOf(whole, question));
  });

  test('what is recent is forgotten like everything else, and indexed again', async () => {
    const tenant = randomUUID();
    const archive = await store.archive({ tenant, now });
    const { id = '' } = await archive.remember('The key lies under the blue pot.');
    await archive.remember('The blue boat lies in the harbour.');
    await archive.remember('A letter came from Oslo.');
    expect((await recent(tenant)).items).toBe(3);
    await archive.forget({ ids: [id] });
    expect((await archive.recall('blue')).map(({ item }) => item.text)).toEqual([
      'The blue boat lies in the harbour.',
    ]);
    expect((await archive.forget({ query: 'blue harbour' })).removed.episodes).toBe(1);
    expect((await recent(tenant)).items).toBe(1);
    expect((await archive.check()).problems).toEqual([]);
    await archive.reindex();
    expect(await recent(tenant)).toEqual({ items: 0, terms: 0, indexed: 3, parts: 0, next: 3 });
    await archive.remember('Another letter came from Bergen.');
    expect((await archive.recall('letter')).map(({ item }) => item.text)).toHaveLength(2);
    await store.database.query(
      `UPDATE recent_words SET terms[1] = 5 WHERE scope IN (SELECT scope FROM scopes WHERE tenant = $1)`,
      [tenant],
    );
    expect((await archive.check()).problems.map(({ kind }) => kind)).toEqual(['index']);
    await archive.forget({ user: 'default' });
    expect(await recent(tenant)).toEqual({ items: 0, terms: 0, indexed: 0, parts: 0, next: 0 });
  });
});
