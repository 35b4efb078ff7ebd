import { expect, test } from 'vitest';
import { eachStore } from '../../test/support/each-store.js';
import type { Summarizer, Turn } from './summarizer.js';
import type { EpisodeInput } from './types.js';

const tell = (text: string): EpisodeInput => ({ text, session: 's' });

eachStore((store) => {
  test('the window holds the newest turns that fit its tokens', async () => {
    const archive = await store.archive({ countTokens: (text) => text.split(' ').length });
    await archive.rememberAll(
      ['one two three', 'four five', 'six', 'seven eight'].map((text) => ({ text, session: 's' })),
    );
    const window = await archive.window({ session: 's', maxTokens: 5 });
    expect(window.turns.map(({ text }) => text)).toEqual(['four five', 'six', 'seven eight']);
    expect(window).toMatchObject({ tokens: 5, omitted: 1 });
    expect((await archive.window({ session: 's', maxTokens: 1 })).turns).toEqual([]);
    expect((await archive.window({ session: 'other', maxTokens: 5 })).turns).toEqual([]);
  });

  test('a summary grows by the turns it has not seen and is recalled', async () => {
    const archive = await store.archive({ countTokens: () => 1 });
    const calls: { turns: readonly Turn[]; previous: string | undefined }[] = [];
    const summarizer: Summarizer = {
      async summarize(turns, { previous }) {
        calls.push({ turns, previous });
        return [previous, ...turns.map(({ text }) => text)].filter(Boolean).join(' / ');
      },
    };
    await archive.rememberAll([tell('about lions'), tell('about tigers'), tell('about bears')] as {
      text: string;
    }[]);
    expect(await archive.summarizeSession(summarizer, { session: 's', maxTokens: 5 })).toBeUndefined();
    await archive.summarizeSession(summarizer, { session: 's', maxTokens: 2 });
    await archive.rememberAll([tell('about foxes')]);
    const summary = await archive.summarizeSession(summarizer, { session: 's', maxTokens: 2 });
    expect(summary?.text).toBe('about lions / about tigers');
    expect(calls.map(({ turns, previous }) => [turns.length, previous])).toEqual([
      [1, undefined],
      [1, 'about lions'],
    ]);
    expect((await archive.recall('lions', { kinds: ['summary'] })).map(({ item }) => item.text)).toEqual([
      summary?.text,
    ]);
  });

  test('a summary that goes on from another was made from its turns too, and goes with any of them', async () => {
    const archive = await store.archive();
    const ids: string[] = [];
    for (const text of ['about lions', 'about tigers', 'about bears', 'about foxes'])
      ids.push((await archive.addTurn({ session: 's', text })).id);
    const [lions = '', tigers = '', bears = '', foxes = ''] = ids;
    const replace = async (text: string, sources: readonly string[], isNew = false): Promise<void> => {
      const previous = isNew ? undefined : await archive.summary({ user: 'default', session: 's' });
      const stored = await archive.replaceSummary({
        user: 'default',
        session: 's',
        text,
        sources,
        previous,
        occurredAt: new Date(),
      });
      const read = await archive.summary({ user: 'default', session: 's' });
      expect({ ...stored, sources: stored.sources.toSorted() }).toEqual({
        ...read,
        sources: read?.sources.toSorted(),
      });
    };
    const sources = async (): Promise<readonly string[] | undefined> =>
      (await archive.summary({ user: 'default', session: 's' }))?.sources;
    await replace('Lions.', [lions]);
    await replace('Lions and tigers.', [lions, tigers, tigers]);
    expect(await sources()).toEqual([lions, tigers]);
    await replace('Nothing new.', [lions, tigers]);
    await replace('All but foxes.', [bears, lions, tigers]);
    expect(await sources()).toEqual([lions, tigers, bears]);
    // One that leaves something out goes on from none.
    await replace('Bears and foxes.', [bears, foxes]);
    expect(await sources()).toEqual([bears, foxes]);
    expect((await archive.check()).problems).toEqual([]);
    expect((await archive.forget({ ids: [tigers] })).removed).toMatchObject({ episodes: 1, summaries: 3 });
    expect(await sources()).toEqual([bears, foxes]);
    await expect(replace('Of what is gone.', [bears, foxes, tigers])).rejects.toThrow(/forgotten meanwhile/);
    expect((await archive.forget({ session: 's' })).removed).toMatchObject({ episodes: 3, summaries: 2 });
    expect((await archive.check()).problems).toEqual([]);
  });
});
