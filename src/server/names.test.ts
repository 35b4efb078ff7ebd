// Names in addresses and bodies that are no names: typed answers, that tell nothing.
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestServer } from '../../test/support/server.js';
import { openTestServer } from '../../test/support/server.js';
import { strayNames } from '../../test/support/stray-names.js';
import { fakeEmbedder } from '../archive/fake-embedder.js';
import { stubGenerator } from '../testing/index.js';
import { listen } from './listen.js';

let server: TestServer;
beforeAll(async () => {
  const models = [{ id: 'stub', generator: stubGenerator() }];
  server = await openTestServer({ models, embedder: fakeEmbedder() });
});
afterAll(() => server.close());

const typed = {
  message: expect.stringMatching(/./),
  type: expect.stringMatching(/^(?:invalid_request|not_found)_error$/),
  code: expect.stringMatching(/^[a-z_]+$/),
};

test.each([
  '/v1/models/{}',
  '/v1/sessions/{}?user=u',
  '/v1/sessions/s/turns/{}/window',
  '/v1/memory/items/{}',
  '/{}',
  '/assets/{}',
])('%s has nothing under a name that is none', async (path) => {
  // Dots alone are no names but steps, which whoever asks takes out of the address.
  for (const name of strayNames.filter((one) => /[^.]/.test(one))) {
    const { status, json } = await server.call('GET', path.replace('{}', encodeURIComponent(name)));
    expect([name, status]).toEqual([
      name,
      expect.toSatisfy((code: number) => [400, 404, 422].includes(code)),
    ]);
    expect(json.error).toMatchObject(typed);
    expect(JSON.stringify(json)).not.toMatch(/root:|node_modules/);
    expect(JSON.stringify(json).length).toBeLessThan(1000);
  }
});

test.each([
  ['/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] }],
  ['/v1/completions', { prompt: 'x' }],
  ['/v1/embeddings', { input: 'x' }],
  ['/v1/sessions/s/regenerate', {}],
])('%s knows no model under a name that is none', async (path, body) => {
  for (const model of strayNames) {
    const { status, json } = await server.call('POST', path, { ...body, model });
    expect([model, status]).toEqual([model, model.length > 300 ? 400 : 404]);
    expect(json.error).toMatchObject({ ...typed, param: 'model' });
    expect(JSON.stringify(json).length).toBeLessThan(1000);
  }
});

test('an address that is none is told so in the same form', async () => {
  const listening = await listen(server.app, server.context.lifecycle, { host: '127.0.0.1', port: 0 });
  for (const path of ['/v1/runs/..\\secret', '/\\host\\share', '/v1/models/../../etc/passwd']) {
    const asked = request(listening.url, { path }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    expect([path, response.statusCode]).toEqual([path, path.startsWith('/v1/models') ? 404 : 400]);
    expect((JSON.parse(await text(response)) as { error: object }).error).toMatchObject(typed);
  }
  await listening.close(0);
});
