// Who is let in, what is refused, and what every response has.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestServer } from '../../test/support/server.js';
import { keysOf, openTestServer } from '../../test/support/server.js';
import { fakeEmbedder } from '../archive/fake-embedder.js';
import { StorageError } from '../core/errors.js';
import { stubGenerator } from '../testing/index.js';
import { createServer } from './create-server.js';
import { readPage } from './page.js';
import { memoryFiles } from '../testing/memory-files.js';

const models = [{ id: 'stub', generator: stubGenerator() }];
const hello = { messages: [{ role: 'user', content: 'Hello' }] };

let open: TestServer;
let closed: TestServer;
let bearers: readonly { readonly authorization: string }[];
beforeAll(async () => {
  open = await openTestServer({ models });
  const made = await keysOf('acme', 'evil');
  bearers = made.bearers;
  closed = await openTestServer({ models, keys: made.keys });
});
afterAll(() => Promise.all([open.close(), closed.close()]));

describe('keys', () => {
  test('a missing or wrong key is refused everywhere, without detail', async () => {
    const attempts: readonly Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: 'Basic eDp5' },
      { authorization: 'Bearer ' },
    ];
    for (const headers of attempts)
      for (const [method, path] of [
        ['GET', '/v1/models'],
        ['POST', '/v1/chat/completions'],
        ['GET', '/v1/memory/items'],
        ['GET', '/v1/nothing'],
        ['POST', '/mcp'],
        ['GET', '/metrics'],
      ] as const) {
        const {
          status,
          json,
          headers: answered,
        } = await closed.call(method, path, method === 'POST' ? hello : undefined, headers);
        expect(status).toBe(401);
        expect(answered.get('www-authenticate')).toBe('Bearer');
        expect(json.error).toEqual({
          message: 'The API key is missing or wrong.',
          type: 'authentication_error',
          param: null,
          code: 'invalid_api_key',
        });
      }
  });

  test('health and the description are open', async () => {
    expect((await closed.call('GET', '/health')).json).toMatchObject({ status: 'ok', keyRequired: true });
    expect((await closed.call('GET', '/openapi.json')).status).toBe(200);
  });

  test('a key that makes too many requests is told when to come back, and others are not held up', async () => {
    const made = await keysOf('busy', 'calm');
    const [busy, calm] = made.bearers;
    const server = createServer({
      archiveOf: (tenant) => closed.archives.of(tenant),
      keys: made.keys,
      limits: { requestsPerMinute: 12 },
    });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++)
      statuses.push((await server.app.request('/v1/models', { headers: { ...busy } })).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    const refused = await server.app.request('/v1/models', { headers: { ...busy } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(5);
    expect((await server.app.request('/v1/models', { headers: { ...calm } })).status).toBe(200);
  });
});

describe('tenants', () => {
  const secret = 'The vault opens with the number 7351.';

  test('nothing of one tenant is seen, changed or guessed by another', async () => {
    const [acme, evil] = bearers;
    const stored = await closed.call(
      'POST',
      '/v1/memory/remember',
      { text: secret, user: 'ann', session: 's' },
      acme,
    );
    const id = stored.json.outcomes?.[0]?.id;
    const said = await closed.call(
      'POST',
      '/v1/chat/completions',
      { ...hello, user: 'ann', mneme: { session: 's' } },
      acme,
    );
    const turn = said.json.mneme?.assistantTurn;
    const history = await closed.call('GET', '/v1/memory/history?user=ann', undefined, acme);
    const operation = history.json.entries?.[0]?.operation;
    await closed.call('POST', '/v1/memory/remember', { text: 'Nothing to see.', user: 'ann' }, evil);
    const attacks = [
      ['GET', `/v1/memory/items/${id}`, undefined, 404],
      ['PATCH', `/v1/memory/items/${id}`, { text: 'gone' }, 404],
      ['DELETE', `/v1/memory/items/${id}`, undefined, 404],
      ['POST', '/v1/memory/forget', { ids: [id] }, 404],
      ['POST', '/v1/memory/explain', { id, question: 'vault', user: 'ann' }, 404],
      ['POST', '/v1/memory/undo', { operation }, 404],
      ['GET', '/v1/sessions/s?user=ann', undefined, 404],
      ['DELETE', '/v1/sessions/s?user=ann', undefined, 404],
      ['POST', '/v1/sessions/s/branch', { user: 'ann', turn: 0 }, 422],
      ['POST', '/v1/sessions/s/regenerate', { user: 'ann' }, 422],
      ['GET', `/v1/sessions/s/turns/${turn?.id}/window`, undefined, 404],
    ] as const;
    for (const [method, path, body, status] of attacks) {
      const answered = await closed.call(method, path, body, evil);
      expect([path, answered.status]).toEqual([path, status]);
      expect(JSON.stringify(answered.json)).not.toMatch(/7351/);
    }
    for (const body of [
      { question: 'vault number', user: 'ann' },
      { question: 'vault number', allUsers: true },
      { question: "' OR 1=1 --", allUsers: true },
    ])
      expect(JSON.stringify((await closed.call('POST', '/v1/memory/recall', body, evil)).json)).not.toMatch(
        /7351/,
      );
    const seen = [];
    for (const path of [
      'memory/items?user=ann',
      'memory/users',
      'memory/export?user=ann',
      'memory/facts?user=ann',
      'sessions?user=ann',
    ])
      seen.push((await closed.call('GET', `/v1/${path}`, undefined, evil)).json);
    expect(JSON.stringify(seen)).not.toMatch(/7351/);
    const chat = await closed.call(
      'POST',
      '/v1/chat/completions',
      { messages: [{ role: 'user', content: 'vault number?' }], user: 'ann', mneme: { session: 's' } },
      evil,
    );
    expect(JSON.stringify(chat.json)).not.toMatch(/7351/);
    expect((await closed.call('GET', `/v1/memory/items/${id}`, undefined, acme)).json.text).toBe(secret);
  });
});

describe('a server without keys', () => {
  test('answers this machine only, and no page from elsewhere', async () => {
    const ask = async (url: string, headers: Record<string, string> = {}): Promise<number> =>
      (await open.app.request(url, { headers })).status;
    for (const host of ['localhost:8321', '127.0.0.1:8321', '[::1]:8321'])
      expect(await ask(`http://${host}/v1/models`)).toBe(200);
    expect(await ask('http://localhost/v1/models', { origin: 'http://localhost' })).toBe(200);
    expect(await ask('http://rebound.example/v1/models')).toBe(403);
    expect(await ask('http://localhost/v1/models', { origin: 'https://evil.example' })).toBe(403);
    expect(await ask('http://localhost/v1/models', { origin: 'null' })).toBe(403);
    expect(await ask('http://localhost/v1/models', { origin: 'http://localhost:9999' })).toBe(403);
  });

  test('takes JSON that says it is JSON, so that no form can write', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '']) {
      const { status } = await open.call(
        'POST',
        '/v1/memory/remember',
        { text: 'x' },
        { 'content-type': type },
      );
      expect(status).toBe(415);
    }
  });
});

describe('bodies', () => {
  const send = async (body: string | Uint8Array<ArrayBuffer>, path = '/v1/chat/completions') => {
    const response = await open.app.request(path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    return {
      status: response.status,
      error: ((await response.json()) as { error: { message: string } }).error,
    };
  };

  test('what is not JSON, not UTF-8, or not an object is said to be so', async () => {
    expect(await send('{"messages": [')).toMatchObject({
      status: 400,
      error: { code: 'invalid_json', message: expect.stringMatching(/not JSON/) },
    });
    expect(await send('')).toMatchObject({ status: 400, error: { code: 'invalid_json' } });
    const broken = new Uint8Array([
      ...new TextEncoder().encode('{"a": "'),
      0xff,
      0xfe,
      ...new TextEncoder().encode('"}'),
    ]);
    expect(await send(broken)).toMatchObject({
      status: 400,
      error: { message: expect.stringMatching(/not UTF-8/) },
    });
    for (const body of ['null', '[]', '3', '"x"', '{}']) expect((await send(body)).status).toBe(400);
  });

  test('a body of ten megabytes is refused, whether it says its length or not', async () => {
    const message = JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(10 << 20) }] });
    expect(await send(message)).toMatchObject({
      status: 413,
      error: { message: expect.stringMatching(/4194304 bytes/) },
    });
    const stream = new Blob([message]).stream();
    const response = await open.app.request('/v1/chat/completions', {
      method: 'POST',
      body: stream,
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
  });
});

describe('the archive down', () => {
  test('is told as 503 with a time to come back, and health says so', async () => {
    const down = createServer({
      archiveOf: () =>
        Promise.reject(new StorageError('The database cannot be reached. Nothing was written.')),
      models,
    });
    const ask = (method: string, path: string, body?: object): Response | Promise<Response> =>
      down.app.request(path, {
        method,
        ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
    for (const response of [
      await ask('POST', '/v1/memory/remember', { text: 'x' }),
      await ask('POST', '/v1/chat/completions', { ...hello, mneme: { session: 's' } }),
      await ask('GET', '/v1/sessions'),
    ]) {
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await response.json()).toMatchObject({ error: { type: 'server_error', code: 'storage' } });
    }
    expect((await ask('POST', '/v1/chat/completions', hello)).status).toBe(200);
    const health = await ask('GET', '/health');
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ status: 'degraded', archive: 'down' });
  });

  test('midway nothing is half-written, and the same is answered when it is back', async () => {
    const server = await openTestServer({ models });
    const archive = await server.archives.of('default');
    const session = randomUUID();
    const addTurn = archive.addTurn.bind(archive);
    let writes = 0;
    archive.addTurn = (turn) =>
      ++writes === 2 ? Promise.reject(new StorageError('The database cannot be reached.')) : addTurn(turn);
    const body = { ...hello, mneme: { session } };
    expect((await server.call('POST', '/v1/chat/completions', body)).status).toBe(503);
    expect((await server.call('GET', `/v1/sessions/${session}`)).json.turns).toHaveLength(1);
    expect((await server.call('POST', '/v1/chat/completions', body)).status).toBe(200);
    const turns = await server.call('GET', `/v1/sessions/${session}`);
    expect(turns.json.turns?.map(({ role }) => role)).toEqual(['user', 'assistant']);
    await server.close();
  });
});

test('a bug of ours tells clients nothing, and the log everything', async () => {
  const logged: string[] = [];
  const server = createServer({
    archiveOf: () => Promise.reject(new Error('secret words')),
    log: { log: (level, message) => void logged.push(`${level}: ${message}`) },
  });
  const response = await server.app.request('/v1/sessions');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toMatch(/secret/);
  expect(logged).toEqual(['error: secret words']);
});

test('embeddings are given as numbers and as base64, and other models are refused', async () => {
  const embedder = fakeEmbedder();
  const server = await openTestServer({ embedder });
  const numbers = await server.call('POST', '/v1/embeddings', {
    input: ['one', 'two'],
    model: embedder.name,
  });
  expect(numbers.json.data).toHaveLength(2);
  const expected = (await embedder.embed(['one'], 'passage'))[0] ?? new Float32Array();
  expect(numbers.json.data?.[0]?.embedding).toEqual([...expected]);
  const packed = await server.call('POST', '/v1/embeddings', { input: 'one', encoding_format: 'base64' });
  const bytes = Buffer.from(String(packed.json.data?.[0]?.embedding), 'base64');
  expect(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)).toEqual(expected);
  for (const [body, status] of [
    [{ input: 'x', model: 'other' }, 404],
    [{ input: 'x', dimensions: 3 }, 400],
    [{ input: [] }, 400],
    [{ input: '' }, 400],
    [{ input: [[1, 2]] }, 400],
  ] as const)
    expect((await server.call('POST', '/v1/embeddings', body)).status).toBe(status);
  expect((await open.call('POST', '/v1/embeddings', { input: 'x' })).json.error?.message).toMatch(
    /--embedder/,
  );
  await server.close();
});

describe('the page', () => {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);

  test('is served from what was built, and no path leads out of it', async () => {
    const files = memoryFiles();
    await files.makeFolder('/dist/web/assets');
    await files.writeAtomic('/dist/web/index.html', text('<!doctype html>'));
    await files.writeAtomic('/dist/web/assets/index-1.js', text('1'));
    await files.writeAtomic('/dist/secret.txt', text('secret'));
    const { app } = createServer({
      archiveOf: open.context.archiveOf,
      page: await readPage(files, '/dist/web'),
    });
    const index = await app.request('/');
    expect(await index.text()).toBe('<!doctype html>');
    expect(index.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/,
    );
    expect(index.headers.get('content-security-policy')).not.toMatch(/unsafe/);
    const script = await app.request('/assets/index-1.js');
    expect(script.headers.get('content-type')).toMatch('text/javascript');
    expect(script.headers.get('cache-control')).toMatch('immutable');
    for (const path of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/assets',
      '/..\\secret.txt',
    ])
      expect((await app.request(`http://localhost${path}`)).status).toBe(404);
  });

  test('says how to build it where it is not built', async () => {
    const response = await open.app.request('/');
    expect(await response.text()).toMatch(/npm run build/);
    expect((await open.app.request('/other')).status).toBe(404);
  });
});

test('the description has every route, and Prometheus is told what happened', async () => {
  const { json } = await open.call('GET', '/openapi.json');
  const description = json as unknown as { paths: object; components: { schemas: object } };
  expect(Object.keys(description.paths)).toEqual(
    expect.arrayContaining([
      '/v1/chat/completions',
      '/v1/memory/items/{id}',
      '/v1/sessions/{session}/branch',
      '/health',
    ]),
  );
  expect(description.components.schemas).toHaveProperty('ChatRequest');
  await open.call('POST', '/v1/chat/completions', hello);
  const metrics = String((await open.call('GET', '/metrics')).json);
  expect(metrics).toMatch(
    /mneme_http_request_seconds_count\{method="POST",route="\/v1\/chat\/completions",status="200"\} [1-9]/,
  );
  expect(metrics).toMatch(/mneme_first_token_seconds_count\{memory="false"\} [1-9]/);
  expect(metrics).toMatch(/mneme_answers_total\{end="end"\} [1-9]/);
});
