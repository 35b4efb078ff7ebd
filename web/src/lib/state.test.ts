// The state of the archive, the runs, the settings and the requests beneath them.
import { describe, expect, it } from 'vitest';
import type { Item, Receipt } from '../../../src/server/wire.js';
import { ApiError } from './api/api-error.js';
import { Memory } from './memory.svelte.js';
import { Router } from './router.svelte.js';
import { Runs } from './runs.svelte.js';
import { Sessions } from './sessions.svelte.js';
import { Settings } from './settings.svelte.js';
import { clientOf, errorResponse, streamOf, valuesInMemory } from './testing.js';

const item = (id: string): Item => ({
  id,
  kind: 'episode',
  user: 'default',
  text: id,
  time: '2026-01-01T00:00:00Z',
  tokens: 1,
  repeats: 0,
  sources: [],
});
const receipt: Receipt = {
  id: 'r',
  at: '2026-01-01T00:00:00Z',
  reason: 'ids',
  removed: {
    episodes: 1,
    facts: 0,
    chunks: 0,
    summaries: 0,
    documents: 0,
    vectors: 0,
    historyEntries: 1,
    windows: 0,
    profiles: 0,
    toolSteps: 0,
  },
  ids: ['1-0'],
  scrubbed: false,
};
const nobody = (): undefined => undefined;
const inEnglish = (): 'en' => 'en';

describe('the memory', () => {
  it('loads page after page, of one kind when asked', async () => {
    const { client, asked } = clientOf(({ path }) =>
      Response.json(
        path.includes('before')
          ? { items: [item('1-0')], next: null }
          : { items: [item('1-1')], next: '1-1' },
      ),
    );
    const memory = new Memory(client, () => 'ann', inEnglish);
    await memory.load();
    await memory.loadMore();
    expect(memory.items.map(({ id }) => id)).toEqual(['1-1', '1-0']);
    expect(memory.hasMore).toBe(false);
    await memory.show('fact');
    expect(asked.map(({ path }) => path)).toEqual([
      '/v1/memory/items?user=ann&limit=50',
      '/v1/memory/items?user=ann&before=1-1&limit=50',
      '/v1/memory/items?user=ann&kind=fact&limit=50',
    ]);
  });

  it('searches by recall, and shows everything again without a question', async () => {
    const { client, asked } = clientOf(({ path }) =>
      Response.json(path.endsWith('/recall') ? { results: [] } : { items: [item('1-0')], next: null }),
    );
    const memory = new Memory(client, nobody, inEnglish);
    await memory.search('  Lyon ');
    expect(asked[0]?.body).toEqual({ question: 'Lyon', limit: 50, language: 'en' });
    expect(memory.results).toEqual([]);
    await memory.search('');
    expect(memory.results).toBeUndefined();
    expect(memory.items).toHaveLength(1);
  });

  it('previews, forgets, edits and undoes, and loads anew', async () => {
    const { client, asked } = clientOf(({ path, method }) => {
      if (path.endsWith('/forget')) return Response.json(receipt);
      if (path.endsWith('/undo')) return Response.json({ operation: 9 });
      if (method === 'PATCH') return Response.json({ id: '1-2', facts: [], operation: 5 });
      return Response.json({ items: [], next: null });
    });
    const memory = new Memory(client, nobody, inEnglish);
    expect(await memory.preview(['1-0'])).toEqual(receipt);
    expect(await memory.forget(['1-0'])).toEqual(receipt);
    await memory.undo(await memory.edit('1-0', 'other'));
    expect(asked.filter(({ method }) => method !== 'GET').map(({ body }) => body)).toEqual([
      { ids: ['1-0'], dryRun: true },
      { ids: ['1-0'] },
      { text: 'other' },
      { operation: 5 },
    ]);
    expect(asked.filter(({ method }) => method === 'GET')).toHaveLength(3);
  });

  it('finds one item, and lets go of it when it is forgotten', async () => {
    const { client } = clientOf(({ path }) => {
      if (path.endsWith('/1-0')) return Response.json(item('1-0'));
      return Response.json(path.endsWith('/forget') ? receipt : { items: [], next: null });
    });
    const memory = new Memory(client, nobody, inEnglish);
    await memory.find('1-0');
    expect(memory.found?.id).toBe('1-0');
    await memory.forget(['1-0']);
    expect(memory.found).toBeUndefined();
  });

  it('keeps an error until it works again', async () => {
    let down = true;
    const { client } = clientOf(() =>
      down ? errorResponse(503, 'The archive does not answer.') : Response.json({ items: [], next: null }),
    );
    const memory = new Memory(client, nobody, inEnglish);
    await memory.load();
    expect([memory.error?.kind, memory.error?.message]).toEqual([
      'unavailable',
      'The archive does not answer.',
    ]);
    down = false;
    await memory.load();
    expect(memory.error).toBeUndefined();
  });
});

describe('the sessions', () => {
  it('are loaded anew after one was deleted', async () => {
    const { client, asked } = clientOf(({ method }) =>
      Response.json(method === 'DELETE' ? receipt : { sessions: [] }),
    );
    const sessions = new Sessions(client, nobody);
    expect(await sessions.delete('周一')).toEqual(receipt);
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'DELETE /v1/sessions/%E5%91%A8%E4%B8%80',
      'GET /v1/sessions',
    ]);
  });
});

describe('the runs', () => {
  it('take in what is measured, begin anew on a reset, and ask again when the stream ends', async () => {
    let streams = 0;
    const { client, asked } = clientOf(({ path }, signal) => {
      if (!path.includes('/metrics'))
        return Response.json({ name: 'a', training: true, config: {}, metrics: [{ step: 1, loss: 3 }] });
      streams++;
      if (streams === 1)
        return streamOf([
          { step: 1, loss: 3 },
          { step: 2, loss: 2 },
        ]);
      const again = ['event: reset\ndata: {}\n\n', 'data: {"step":1,"loss":2.5}\n\n'].join('');
      const rest = streamOf([], { signal, hang: true });
      return new Response(
        new ReadableStream({
          async start(controller) {
            controller.enqueue(new TextEncoder().encode(again));
            await rest.body?.pipeTo(new WritableStream()).catch(() => controller.close());
          },
        }),
      );
    });
    const runs = new Runs(client, () => Promise.resolve());
    const watching = runs.open('a');
    await expect.poll(() => runs.records).toEqual([{ step: 1, loss: 2.5 }]);
    expect(runs.live).toBe(true);
    expect(asked.map(({ path }) => path)).toEqual([
      '/v1/runs/a',
      '/v1/runs/a/metrics?after=0',
      '/v1/runs/a/metrics?after=1',
    ]);
    runs.close();
    await watching;
    expect([runs.detail, runs.live]).toEqual([undefined, false]);
  });
});

describe('requests', () => {
  it.each([
    [401, 'key'],
    [404, 'missing'],
    [413, 'input'],
    [429, 'busy'],
    [503, 'unavailable'],
    [500, 'failed'],
  ])('turn status %i into an error of the kind %s', async (status, kind) => {
    const { client } = clientOf(() => errorResponse(status, 'so it is', { 'retry-after': '7' }));
    const error = await client.runs().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ kind, message: 'so it is', retryAfterS: 7 });
  });

  it('carry the key', async () => {
    const { client, asked } = clientOf(() => Response.json({ runs: [] }), 'secret');
    await client.runs();
    expect(asked[0]?.key).toBe('Bearer secret');
  });

  it('say when there is no server, and what an answer without words was', async () => {
    const { client } = clientOf(({ path }) => {
      if (path === '/health') throw new TypeError('fetch failed');
      return new Response('<html>', { status: 502, statusText: 'Bad Gateway' });
    });
    await expect(client.health()).rejects.toMatchObject({ kind: 'offline' });
    await expect(client.runs()).rejects.toMatchObject({ kind: 'unavailable', message: '502 Bad Gateway' });
  });
});

describe('settings', () => {
  it('are kept, and follow the browser until something is chosen', () => {
    const values = valuesInMemory();
    const settings = new Settings(values, ['zh-CN']);
    expect([settings.language, settings.theme, settings.shortcuts]).toEqual(['zh', 'auto', true]);
    settings.languageChoice = 'en';
    settings.theme = 'dark';
    settings.key = ' secret ';
    settings.shortcuts = false;
    const again = new Settings(values, ['zh-CN']);
    expect([again.language, again.theme, again.key, again.shortcuts]).toEqual([
      'en',
      'dark',
      'secret',
      false,
    ]);
  });
});

describe('the router', () => {
  it('follows the address and changes it', () => {
    const listeners: (() => void)[] = [];
    const bar = {
      location: { hash: '#/runs/a' },
      addEventListener: (_: 'hashchange', listener: () => void) => void listeners.push(listener),
    };
    const router = new Router(bar);
    expect(router.route).toEqual({ view: 'runs', name: 'a' });
    bar.location.hash = '#/memory';
    for (const listener of listeners) listener();
    expect(router.route).toEqual({ view: 'memory' });
    router.go({ view: 'chat', name: 's' });
    expect(bar.location.hash).toBe('#/chat/s');
  });
});
