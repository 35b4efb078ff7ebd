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
});
