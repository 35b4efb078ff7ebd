// The small pure parts of the page.
import { describe, expect, it } from 'vitest';
import type { MetricsRecord } from '../../../src/server/wire.js';
import { columnsOf, latestOf, smoothed } from './curves.js';
import { createDrafts } from './drafts.js';
import { formatShortTime } from './format.js';
import { operationsOf } from './operations.js';
import { formatRoute, parseRoute } from './route.js';
import { newSessionName } from './session-name.js';
import { createShortcutReader, shortcutActions, shortcutKeys } from './shortcuts.js';
import { nextToSay } from './speech.js';
import { browserValues } from './storage.js';
import { preferredLanguage } from './texts/texts.js';
import { sharesOf } from './window-shares.js';
import { testWindow, valuesInMemory } from './testing.js';

describe('routes', () => {
  it.each([
    [{ view: 'chat' }, '#/chat'],
    [{ view: 'chat', name: '周一/午后' }, '#/chat/%E5%91%A8%E4%B8%80%2F%E5%8D%88%E5%90%8E'],
    [{ view: 'chat', name: 'monday', item: '3' }, '#/chat/monday/3'],
    [{ view: 'runs', name: 'a b' }, '#/runs/a%20b'],
  ] as const)('%j is %s and back', (route, address) => {
    expect(formatRoute(route)).toBe(address);
    expect(parseRoute(address)).toEqual(route);
  });

  it('show the conversation for what is no address of the page', () => {
    for (const address of ['', '#', '#/elsewhere', '#/%'])
      expect(parseRoute(address)).toEqual({ view: 'chat' });
  });
});

describe('curves', () => {
  const records: readonly MetricsRecord[] = [
    { step: 10, trainLoss: 3, learningRate: 0.1 },
    { step: 20, trainLoss: 2, learningRate: 0.1 },
    { step: 20, validationLoss: 2.5, note: 'evaluated' },
    { step: 10, trainLoss: 2.9 },
    { step: 30, trainLoss: null },
  ];

  it('put records of one step into one row, in order, the latest value of each', () => {
    expect(columnsOf(records)).toEqual({
      steps: [10, 20, 30],
      columns: [
        { name: 'trainLoss', values: [2.9, 2, null] },
        { name: 'validationLoss', values: [null, 2.5, null] },
      ],
    });
    expect([...latestOf(records)]).toEqual([
      ['step', 30],
      ['trainLoss', 2.9],
      ['learningRate', 0.1],
      ['validationLoss', 2.5],
      ['note', 'evaluated'],
    ]);
  });

  it('are smoothed by what came before', () => {
    expect(smoothed([4, null, 2, 2], 0.5)).toEqual([4, null, 3, 2.5]);
  });
});

describe('the shares of a window', () => {
  it('fill the limit', () => {
    const shares = sharesOf(testWindow);
    expect(shares.map(({ kind, tokens }) => [kind, tokens])).toEqual([
      ['recalled', 30],
      ['message', 10],
      ['answer', 25],
      ['free', 33],
    ]);
    expect(shares.at(-1)?.fraction).toBe(0.33);
  });
});

describe('speech', () => {
  it('says whole sentences, each once, and the rest at the end', () => {
    let said = 0;
    let next = '';
    const heard: string[] = [];
    for (const text of [
      'It is',
      'It is 3.5 m',
      'It is 3.5 m. Then',
      'It is 3.5 m. Then 好的。没',
      'It is 3.5 m. Then 好的。没有',
    ]) {
      [next, said] = nextToSay(text, said, false);
      heard.push(next);
    }
    [next] = nextToSay('It is 3.5 m. Then 好的。没有', said, true);
    expect([...heard, next]).toEqual(['', '', 'It is 3.5 m.', 'Then 好的。', '', '没有']);
  });
});

describe('shortcuts', () => {
  const press = (key: string) => ({ key, ctrlKey: false, altKey: false, metaKey: false });

  it('each do one thing, in one or two presses', () => {
    const reader = createShortcutReader();
    for (const action of shortcutActions) {
      const results = shortcutKeys[action].split(' ').map((key) => reader.press(press(key), false));
      expect(results.at(-1)).toBe(action);
    }
  });

  it('leave keys to fields, to the browser, and forget a first key', () => {
    const reader = createShortcutReader();
    expect(reader.press(press('n'), true)).toBeUndefined();
    expect(reader.press({ ...press('n'), ctrlKey: true }, false)).toBeUndefined();
    expect(reader.press(press('g'), false)).toBeUndefined();
    expect(reader.press(press('x'), false)).toBeUndefined();
    expect(reader.press(press('m'), false)).toBeUndefined();
  });
});

describe('languages', () => {
  it('follow the browser', () => {
    expect(preferredLanguage(['zh-Hant-TW', 'en'])).toBe('zh');
    expect(preferredLanguage(['fr-FR', 'EN-us', 'zh'])).toBe('en');
    expect(preferredLanguage(['fr'])).toBe('en');
  });
});

describe('what is kept in the browser', () => {
  it('is drafts by session', () => {
    const drafts = createDrafts(valuesInMemory());
    drafts.write('a', 'half a');
    drafts.write(undefined, 'new');
    expect([drafts.read('a'), drafts.read('b'), drafts.read(undefined)]).toEqual(['half a', '', 'new']);
    drafts.write('a', '');
    expect(drafts.read('a')).toBe('');
  });

  it('is nothing where the browser keeps nothing', () => {
    const values = browserValues(() => {
      throw new Error('denied');
    });
    values.write('theme', 'dark');
    expect(values.read('theme')).toBeUndefined();
  });
});

describe('names and times', () => {
  it('name sessions by day and chance', () => {
    const name = newSessionName(new Date(2026, 2, 9), (bytes) => bytes.fill(33));
    expect(name).toBe('2026-03-09-bbbbbb');
  });

  it('show today as a time and other days as days', () => {
    const now = new Date(2026, 10, 28, 20, 0);
    expect(formatShortTime(new Date(2026, 10, 28, 9, 5).toISOString(), now, 'en')).toBe('09:05');
    expect(formatShortTime(new Date(2026, 9, 3).toISOString(), now, 'zh')).toBe('10月3日');
    expect(formatShortTime(new Date(2024, 9, 3).toISOString(), now, 'en')).toBe('3 Oct 2024');
    expect(formatShortTime('no time', now, 'en')).toBe('no time');
  });
});

describe('operations', () => {
  it('gather their changes', () => {
    const entry = { at: '2026-01-01T00:00:00Z', field: 'state', before: null, after: 'active' };
    const entries = [
      { ...entry, operation: 2, id: '1-0', action: 'retire' },
      { ...entry, operation: 2, id: '1-1', action: 'remember' },
      { ...entry, operation: 2, id: '1-1', action: 'remember' },
      { ...entry, operation: 1, id: '1-0', action: 'remember' },
    ];
    expect(operationsOf(entries)).toEqual([
      { operation: 2, at: entry.at, actions: ['remember', 'retire'], ids: ['1-0', '1-1'] },
      { operation: 1, at: entry.at, actions: ['remember'], ids: ['1-0'] },
    ]);
  });
});
