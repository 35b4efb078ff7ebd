import { describe, expect, test } from 'vitest';
import { eachStore } from '../../../test/support/each-store.js';
import { explain } from '../explain.js';
import { rankConstant } from './fuse.js';
import type { EpisodeInput } from '../types.js';

const concert = (text: string, time: string): EpisodeInput => ({ text, time });

eachStore((store) => {
  test('the text with the rarer words of the question comes first', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      { text: 'The garden needs water every evening.' },
      { text: 'The clarinet in the attic needs a new reed.' },
      { text: 'Nobody needs that many umbrellas.' },
    ]);
    const found = await archive.recall('What does the clarinet need?');
    expect(found[0]?.item.text).toMatch(/clarinet/);
    expect(found[0]?.terms.map(({ term }) => term)).toContain('clarinet');
  });

  test('a Chinese question finds a Chinese text by its words', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      { text: '周末我们去爬了香山' },
      { text: '我把护照放在书柜第二层了' },
      { text: '晚饭想吃火锅' },
    ]);
    const [best] = await archive.recall('我的护照在哪里？');
    expect(best?.item.text).toMatch(/护照/);
  });

  test('traditional and simplified characters find each other, and say the same', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      { text: '我把護照放在書櫃第二層了', speaker: '小明' },
      { text: '周末我们去爬了香山', speaker: '小明' },
      { text: '我現在住在臺北。', speaker: '小明' },
    ]);
    expect((await archive.recall('我的护照在哪里？'))[0]?.item.text).toMatch(/護照/);
    expect((await archive.recall('週末爬了什麼山？'))[0]?.item.text).toMatch(/周末/);
    expect((await archive.remember({ text: '我把护照放在书柜第二层了！', speaker: '小明' })).status).toBe(
      'near-duplicate',
    );
    await archive.remember({ text: '我现在住在台南。', speaker: '小明' });
    expect((await archive.facts()).map(({ text }) => text)).toEqual(['小明住在台南']);
  });

  test('dates in the question choose among what the words leave open', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      concert('We went to a concert by the river.', '2025-02-10T20:00:00Z'),
      concert('The concert in the old factory was loud.', '2025-05-20T20:00:00Z'),
      concert('Another concert, this time a string quartet.', '2025-09-01T20:00:00Z'),
    ]);
    const at = '2026-03-01T00:00:00Z';
    const [may] = await archive.recall('Which concert was it last May?', { at });
    expect(may?.item.text).toMatch(/factory/);
    expect(may?.parts.date?.rank).toBe(1);
    const [september] = await archive.recall('去年九月的concert', { at });
    expect(september?.item.text).toMatch(/quartet/);
  });

  test('the name of a holiday is looked for among the words too: it says what, not only when', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      { text: 'For Christmas I got a red bicycle.', time: '2023-12-28T10:00:00Z' },
      { text: '我喜欢春节的饺子。', time: '2024-06-01T10:00:00Z' },
      { text: 'The soup was salty.', time: '2025-12-25T19:00:00Z' },
    ]);
    const at = '2026-03-01T00:00:00Z';
    const found = async (question: string) =>
      (await archive.recall(question, { at })).map(({ item, parts }) => [
        item.text.slice(0, 7),
        parts.text !== undefined,
        parts.date !== undefined,
      ]);
    expect((await found('What did I get for CHRISTMAS?')).toSorted()).toEqual([
      ['For Chr', true, false],
      ['The sou', false, true],
    ]);
    expect(await found('上个春節吃了什麼')).toContainEqual(['我喜欢春节的饺', true, false]);
  });

  test('days begin at midnight of the time zone', async () => {
    const archive = await store.archive();
    // The evening of the 28th; it is asked on the 29th in Shanghai.
    await archive.remember({ text: '我们在学校种了一棵树', time: '2026-11-28T10:00:00Z' });
    const at = '2026-11-28T23:00:00Z';
    const found = (timeZone: string) => archive.recall('昨天', { at, timeZone });
    expect(await found('Asia/Shanghai')).toHaveLength(1);
    expect(await found('UTC')).toEqual([]);
  });

  test('what is stored is dated in the time zone of the archive', async () => {
    const archive = await store.archive({ timeZone: 'Asia/Shanghai' });
    await archive.remember({ text: 'Yesterday I sold my motorbike.', time: '2026-02-02T20:00:00Z' });
    // Until the beginning of the 3rd there, which is the 2nd at 16:00.
    expect(await archive.recall('What happened on 2 February 2026?')).toHaveLength(1);
    expect(await archive.recall('What happened on 2 February 2026?', { timeZone: 'UTC' })).toHaveLength(1);
    expect(await archive.recall('What happened on 1 February 2026?')).toEqual([]);
  });

  test('a text that speaks of another time is found by that time', async () => {
    const archive = await store.archive();
    await archive.remember({ text: 'Yesterday I sold my motorbike.', time: '2026-02-02T08:00:00Z' });
    await archive.remember({ text: 'I am baking a motorbike-shaped cake.', time: '2026-02-02T09:00:00Z' });
    const [best] = await archive.recall('What happened on 1 February 2026?');
    expect(best?.item.text).toMatch(/sold/);
  });

  test('a question of nothing but a date lists what happened then', async () => {
    const archive = await store.archive();
    await archive.remember({ text: '我们在学校种了一棵树', time: '2026-03-12T08:00:00Z' });
    await archive.remember({ text: '下雨了', time: '2026-03-20T08:00:00Z' });
    const found = await archive.recall('三天前', { at: '2026-03-15T10:00:00Z' });
    expect(found.map(({ item }) => item.text)).toEqual(['我们在学校种了一棵树']);
  });

  test('the speaker named in the question is preferred', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      { text: 'My favourite instrument is the oboe.', speaker: 'Ben', session: 'a' },
      { text: 'My favourite instrument is the harp.', speaker: 'Lea', session: 'a' },
    ]);
    const [best] = await archive.recall("What is Lea's favourite instrument?", { kinds: ['episode'] });
    expect(best?.item.speaker).toBe('Lea');
  });

  test('an answer is found by its question', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      { text: 'Where did you spend the holidays?', speaker: 'Ben', session: 'a' },
      { text: 'Lea and I stayed on a farm near Siena.', speaker: 'Lea', session: 'a' },
      { text: 'Lea likes tea.', speaker: 'Ben', session: 'b' },
    ]);
    const found = await archive.recall('Where did Lea spend the holidays?', { kinds: ['episode'] });
    expect(found.slice(0, 2).map(({ item }) => item.text)).toContain(
      'Lea and I stayed on a farm near Siena.',
    );
    expect(found.find(({ item }) => /Siena/.test(item.text))?.parts.text?.context).toBeGreaterThan(0);
  });

  test.each([
    ['one user', {}, 40],
    ['one user, of whom more is held than one question reads', {}, 1100],
    ['all users', { allUsers: true }, 40],
  ])('a fact is not crowded out by chatter in its words: %s', async (_name, options, turns) => {
    const archive = await store.archive();
    await archive.remember({ text: 'My dentist is called Zebila.', speaker: 'Ann', session: 'first' });
    const chatter = Array.from({ length: turns }, (_, i) => ({
      text: i % 2 === 0 ? `The name of film ${i} was fine.` : `The dentist told me story ${i} about films.`,
      speaker: 'Ann',
      session: `later ${Math.floor(i / 20)}`,
    }));
    await archive.rememberAll(
      chatter.flatMap((turn) => [turn, { ...turn, text: `${turn.text} Good name!` }]),
    );
    const [best] = await archive.recall("What is the name of Ann's dentist?", options);
    expect(best?.item.text).toMatch(/Zebila/);
    const episodes = await archive.recall("What is the name of Ann's dentist?", {
      kinds: ['episode'],
      ...options,
    });
    expect(episodes.map(({ item }) => item.kind)).toEqual(Array.from({ length: 10 }, () => 'episode'));
  });

  describe('filters', () => {
    test('session, kind and time leave only what they name', async () => {
      const archive = await store.archive();
      await archive.rememberAll([
        { text: 'I live in a red house.', session: 'a', time: '2026-01-01T00:00:00Z' },
        { text: 'The red bicycle was stolen.', session: 'b', time: '2026-01-02T00:00:00Z' },
        { text: 'A red umbrella stood in the hall.', session: 'b', time: '2026-01-03T00:00:00Z' },
      ]);
      const texts = async (options: object): Promise<string[]> =>
        (await archive.recall('red', options)).map(({ item }) => item.text);
      expect(await texts({ session: 'a', kinds: ['episode'] })).toEqual(['I live in a red house.']);
      expect(await texts({ kinds: ['fact'] })).toEqual(['The user lives in a red house']);
      expect(await texts({ since: '2026-01-02T00:00:00Z', until: '2026-01-03T00:00:00Z' })).toEqual([
        'The red bicycle was stolen.',
      ]);
      expect(await texts({ limit: 1 })).toHaveLength(1);
    });

    test('a filter that few pass looks further down', async () => {
      const archive = await store.archive();
      await archive.rememberAll(
        Array.from({ length: 400 }, (_, i) => ({
          text: `apple number ${i} of the great harvest`,
          session: `s${i}`,
        })),
      );
      await archive.remember({
        text: 'a very long remark that mentions one apple somewhere among so many other words',
        session: 'rare',
      });
      expect(await archive.recall('apple harvest great number', { session: 'rare' })).toHaveLength(1);
    });

    test('what has expired is not recalled', async () => {
      const archive = await store.archive();
      await archive.remember({
        text: 'My parking code is 5512.',
        expiresAt: '2026-02-01T00:00:00Z',
        time: '2026-01-01T00:00:00Z',
      });
      const count = async (at: string): Promise<number> =>
        (await archive.recall('parking code', { at })).length;
      expect(await count('2026-01-15T00:00:00Z')).toBe(2);
      expect(await count('2026-02-01T00:00:00Z')).toBe(0);
    });

    test('all users of a tenant can be searched together', async () => {
      const archive = await store.archive();
      await archive.remember({ text: 'The mast of the boat is broken.', user: 'ann' });
      await archive.remember({ text: 'The sail of the boat is new.', user: 'bob' });
      const found = await archive.recall('boat', { allUsers: true });
      expect(found.map(({ item }) => item.user).sort()).toEqual(['ann', 'bob']);
      expect((await archive.recall('boat', { user: 'bob' })).map(({ item }) => item.user)).toEqual(['bob']);
    });
  });

  describe('questions that cannot be asked', () => {
    test.each([
      ['an unknown user', 'x', { user: 'anne' }, /Nothing is held of user "anne".*Did you mean "ann"/],
      ['an unknown kind', 'x', { user: 'ann', kinds: ['fakt'] }, /no kind "fakt".*Did you mean "fact"/],
      ['an empty question', ' ', { user: 'ann' }, /empty/],
      ['no results', 'x', { user: 'ann', limit: 0 }, /limit is 0/],
      ['a time zone that is none', 'x', { user: 'ann', timeZone: 'Mars' }, /no time zone "Mars".*Asia/],
      ['a moment that is none', 'x', { user: 'ann', since: 'soon' }, /since is not a moment/],
    ])('%s', async (_name, question, options, message) => {
      const archive = await store.archive();
      await archive.remember({ text: 'something', user: 'ann' });
      await expect(archive.recall(question, options as object)).rejects.toThrow(message);
    });
  });

  test('a user of whom nothing is held has no memories, where that is not an error', async () => {
    const archive = await store.archive();
    expect(await archive.recall('boat', { user: 'ann', unknownUser: 'empty' })).toEqual([]);
    await archive.remember({ text: 'The boat is blue.', user: 'ann' });
    expect(await archive.recall('boat', { user: 'ann', unknownUser: 'empty' })).toHaveLength(1);
  });

  test('an explanation names each part of the score, and the parts make the score', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      {
        text: 'Where do you keep the telescope?',
        speaker: 'Ben',
        session: 'a',
        time: '2026-01-05T00:00:00Z',
      },
      { text: 'The telescope is in the cellar.', speaker: 'Lea', session: 'a', time: '2026-01-05T00:00:00Z' },
    ]);
    const found = await archive.recall('Where is the telescope since January?', {
      at: '2026-01-20T00:00:00Z',
    });
    for (const { score, parts } of found) {
      const { fused, validity, diversity, later, text, date } = parts;
      const share = (rank: number | undefined): number =>
        rank === undefined ? 0 : 1 / (rankConstant + rank);
      expect(fused).toBeCloseTo(share(text?.rank) + share(date?.rank), 10);
      expect(score).toBeCloseTo(fused * validity * diversity * later, 10);
    }
    const lines = found[0] === undefined ? [] : explain(found[0]);
    expect(lines.join('\n')).toMatch(/words: rank 1.*telescop[\s\S]*time: rank[\s\S]*freshness/);
  });
});
