import { describe, expect, test } from 'vitest';
import { eachStore } from '../../test/support/each-store.js';
import type { EpisodeInput } from './types.js';

eachStore((store) => {
  test('a text is stored once, however often it is sent', async () => {
    const archive = await store.archive();
    const episode = { text: 'The key lies under the blue pot.', session: 's', time: '2026-01-02T03:04:05Z' };
    const first = await archive.remember(episode);
    const again = await archive.remember(episode);
    expect(first.status).toBe('stored');
    expect(again).toMatchObject({ status: 'duplicate', id: first.id });
  });

  test('two writers at once store it once', async () => {
    const archive = await store.archive();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => archive.remember('The key lies under the blue pot.')),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual([...Array(7).fill('duplicate'), 'stored']);
  });

  test('nearly the same words by the same speaker are counted, not stored', async () => {
    const archive = await store.archive();
    const first = await archive.remember({ text: 'The key lies under the blue pot.', speaker: 'Ann' });
    const second = await archive.remember({
      text: 'the key lies under the blue pot!',
      speaker: 'Ann',
      session: 'b',
    });
    const other = await archive.remember({ text: 'The key lies under the blue pot.', speaker: 'Bob' });
    expect(second).toMatchObject({ status: 'near-duplicate', id: first.id });
    expect(other.status).toBe('stored');
    const [best] = await archive.recall('Where is the key?');
    expect(best?.item.repeats).toBe(best?.item.id === first.id ? 1 : 0);
  });

  test('a text that differs in a number, a negation or a question mark is another text', async () => {
    const archive = await store.archive();
    const texts = [
      'I have paid 20 euros for the ticket to the city',
      'I have paid 30 euros for the ticket to the city',
      'I have not paid 20 euros for the ticket to the city',
      'I have paid 20 euros for the ticket to the city?',
    ];
    const outcomes = await archive.rememberAll(texts.map((text) => ({ text })));
    expect(outcomes.map(({ status }) => status)).toEqual(['stored', 'stored', 'stored', 'stored']);
  });

  test('short answers are kept each time', async () => {
    const archive = await store.archive();
    const a = await archive.remember({ text: 'Yes.', session: 'a' });
    const b = await archive.remember({ text: 'Yes.', session: 'b' });
    expect([a.status, b.status]).toEqual(['stored', 'stored']);
  });

  test('a batch that repeats itself has an outcome for each', async () => {
    const archive = await store.archive();
    const outcomes = await archive.rememberAll([
      { text: 'We planted three apple trees in the garden.' },
      { text: '' },
      { text: 'We planted three apple trees in the garden.' },
      { text: 'we planted three apple trees in the garden' },
      { text: 'half \ud800 a pair' },
      { text: 'Something else entirely happened.', time: 'no time' },
      null as unknown as EpisodeInput,
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'stored',
      'rejected',
      'duplicate',
      'near-duplicate',
      'rejected',
      'rejected',
      'rejected',
    ]);
    expect(outcomes.every(({ status, reason }) => status === 'stored' || reason !== undefined)).toBe(true);
  });

  test('what was recalled is not stored when it comes back', async () => {
    const archive = await store.archive();
    await archive.remember({ text: 'My grandmother hid the letters behind the clock.', speaker: 'Ann' });
    const [found] = await archive.recall('Where are the letters?');
    const echo = await archive.remember({ text: found?.item.text ?? '', speaker: 'assistant' });
    expect(echo).toMatchObject({ status: 'echo', id: found?.item.id });
    const answer = await archive.remember({
      text: 'Behind the clock! Shall we look for a carpenter who can open the wall tomorrow?',
      speaker: 'assistant',
    });
    expect(answer.status).toBe('stored');
  });

  test('turns are numbered within their session', async () => {
    const archive = await store.archive();
    await archive.rememberAll(
      ['one apple', 'two pears', 'three plums'].map((text) => ({ text, session: 's' })),
    );
    await archive.remember({ text: 'four cherries', session: 's' });
    const [found] = await archive.recall('cherries', { neighbours: 2 });
    expect(found?.item.turn).toBe(3);
    expect(found?.neighbours.map(({ text }) => text)).toEqual(['two pears', 'three plums']);
  });

  describe('input that cannot be used', () => {
    test.each([
      ['an empty text', { text: ' \n ' }, /empty/],
      ['10 MB of text', { text: 'x'.repeat(10_000_000) }, /addDocument/],
      ['half a surrogate pair', { text: 'a \ud83d b' }, /not valid Unicode/],
      ['a NUL', { text: 'a \0 b' }, /NUL/],
      ['an impossible time', { text: 'a', time: 'yesterday-ish' }, /not a moment/],
      ['an empty user', { text: 'a', user: '' }, /user/],
      ['a session with a line break', { text: 'a', session: 'a\nb' }, /session/],
    ])('%s is refused and says why', async (_name, episode, message) => {
      const archive = await store.archive();
      await expect(archive.remember(episode)).rejects.toThrow(message);
    });

    test('SQL in every field is only text', async () => {
      const archive = await store.archive();
      const evil = `'); DROP TABLE items; -- $1 \\ " {}`;
      const { status } = await archive.remember({ text: evil, user: evil, session: evil, speaker: evil });
      expect(status).toBe('stored');
      const [found] = await archive.recall(evil, { user: evil, session: evil });
      expect(found?.item).toMatchObject({ text: evil, user: evil, session: evil, speaker: evil });
    });
  });
});
