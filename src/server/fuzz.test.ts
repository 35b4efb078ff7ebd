// Ten thousand bodies, most of them wrong: whatever comes, the answer is typed, and never a bug of ours.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestServer } from '../../test/support/server.js';
import { openTestServer } from '../../test/support/server.js';
import { fakeEmbedder } from '../archive/fake-embedder.js';
import type { ToolCaller } from '../tasks/chat/index.js';
import { stubGenerator } from '../testing/index.js';

/** Of all routes together. */
const inputs = 10_000;

/** Bodies that are right, from which wrong ones are made. */
const routes: readonly (readonly [method: string, path: string, right: Readonly<Record<string, unknown>>])[] =
  [
    [
      'POST',
      '/v1/chat/completions',
      {
        messages: [{ role: 'user', content: 'Hi' }],
        max_tokens: 3,
        stop: ['x'],
        user: 'u',
        mneme: { session: 's', memory: false },
      },
    ],
    [
      'POST',
      '/v1/chat/completions',
      {
        model: 'caller',
        messages: [
          { role: 'user', content: 'Hi' },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'clock', arguments: '{}' } }],
          },
          { role: 'tool', content: '12:30', tool_call_id: 'c' },
        ],
        tools: [{ type: 'function', function: { name: 'clock' } }],
        user: 'u',
        mneme: { session: 't' },
      },
    ],
    ['POST', '/v1/completions', { prompt: 'Hi', max_tokens: 3, temperature: 1, stream: true }],
    ['POST', '/v1/embeddings', { input: ['a'], encoding_format: 'float', mneme: { role: 'query' } }],
    [
      'POST',
      '/v1/memory/remember',
      {
        text: 'I live in Lyon.',
        user: 'u',
        session: 's',
        speaker: 'Ann',
        time: '2026-01-01T00:00:00Z',
        expiresAt: 1e12,
      },
    ],
    ['POST', '/v1/memory/remember', { user: 'u', episodes: [{ text: 'a' }, { text: 'b', time: 5 }] }],
    [
      'POST',
      '/v1/memory/recall',
      {
        question: 'Where?',
        user: 'u',
        limit: 3,
        neighbours: 1,
        kinds: ['fact'],
        since: '2026-01-01',
        at: 'now',
      },
    ],
    ['POST', '/v1/memory/explain', { question: 'Where?', id: '1-0', user: 'u' }],
    ['POST', '/v1/memory/forget', { user: 'u', query: 'Lyon', dryRun: true, keepSources: false }],
    ['POST', '/v1/memory/undo', { operation: 3 }],
    ['PATCH', '/v1/memory/items/1-0', { text: 'I live in Nantes.' }],
    ['POST', '/v1/sessions/s/branch', { user: 'u', turn: 0 }],
    ['POST', '/v1/sessions/none/regenerate', { user: 'u', max_tokens: 3 }],
    [
      'POST',
      '/mcp',
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'recall', arguments: { question: 'x' } },
      },
    ],
  ];

/** Values that have broken parsers and databases before. */
const awkward = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    '\0',
    '\ud800',
    'x'.repeat(100_001),
    '1-0',
    '999999999-999999999',
    -1,
    0,
    1e308,
    2 ** 31,
    2 ** 53,
    0.5,
    '9'.repeat(400),
    '__proto__',
    "'; DROP TABLE items; --",
    '../..',
    [],
    {},
    '2026-13-45',
    'infinity',
    '‮',
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** One place of a value changed, dropped or added to. */
function broken(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value)) {
    const items = value.map(broken);
    return fc.oneof(awkward, fc.tuple(...items), fc.constant(value), fc.constant([...value, ...value]));
  }
  if (typeof value !== 'object' || value === null)
    return fc.oneof(awkward, fc.constant(value), fc.constant(value));
  const entries = Object.entries(value);
  return fc
    .record({
      which: fc.integer({ min: 0, max: entries.length }),
      fields: fc.tuple(...entries.map(([, inner]) => broken(inner))),
      extra: fc.tuple(
        fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('n', 'tools', '__proto__', 'constructor')),
        awkward,
      ),
      drop: fc.boolean(),
    })
    .map(({ which, fields, extra, drop }) =>
      Object.fromEntries([
        ...entries.flatMap(([name, inner], i) =>
          i !== which ? [[name, inner]] : drop ? [] : [[name, fields[i]]],
        ),
        ...(which === entries.length ? [extra] : []),
      ]),
    );
}

/** What may be sent as a body. */
const bodyOf = (right: unknown): fc.Arbitrary<string | Uint8Array<ArrayBuffer>> =>
  fc.oneof(
    { weight: 12, arbitrary: broken(right).map((value) => JSON.stringify(value) ?? '') },
    { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 50 }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }).map((bytes) => new Uint8Array(bytes)) },
  );

let server: TestServer;
const bugs: string[] = [];
beforeAll(async () => {
  const log = {
    log: (level: string, message: string): void => void (level === 'error' && bugs.push(message)),
  };
  const withTools: ToolCaller = {
    async *generate() {
      yield 'Well. ';
      const call = { id: crypto.randomUUID(), name: 'clock', arguments: '{}' };
      return { end: 'end', calls: [call] };
    },
  };
  const models = [
    { id: 'stub', generator: stubGenerator() },
    { id: 'caller', generator: { ...stubGenerator(), withTools } },
  ];
  server = await openTestServer({ models, embedder: fakeEmbedder(), log });
  await server.call('POST', '/v1/chat/completions', routes[0]?.[2]);
});
afterAll(() => server.close());

const share = Math.ceil(inputs / routes.length);

test.each(routes)(
  `%s %s answers whatever it is sent`,
  async (method, path, right) => {
    const property = fc.asyncProperty(bodyOf(right), async (body) => {
      const headers = { 'content-type': 'application/json' };
      const response = await server.app.request(path, { method, body, headers });
      const text = await response.text();
      expect([bugs, response.status]).not.toEqual([bugs, 500]);
      if (response.status < 400) return;
      const { error } = JSON.parse(text) as { error: Record<string, unknown> };
      expect(typeof error['message']).toBe('string');
      if (path === '/mcp') return;
      expect(error).toEqual({
        message: expect.stringMatching(/./),
        type: expect.stringMatching(/_error$/),
        param: error['param'] === null ? null : expect.any(String),
        code: expect.stringMatching(/^[a-z_]+$/),
      });
    });
    await fc.assert(property, { numRuns: share });
    expect(bugs).toEqual([]);
  },
  300_000,
);
