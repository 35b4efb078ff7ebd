// The tools, asked by the SDK's own client, in the same process and over HTTP.
import { randomUUID } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestServer } from '../../test/support/server.js';
import { keysOf, openTestServer } from '../../test/support/server.js';
import { createMcpServer } from './mcp.js';

let server: TestServer;
let bearers: readonly { readonly authorization: string }[];
beforeAll(async () => {
  const made = await keysOf('ours', 'theirs');
  bearers = made.bearers;
  server = await openTestServer({ keys: made.keys });
});
afterAll(() => server.close());

const newClient = (): Client => new Client({ name: 'test', version: '1' });

async function inProcess(user: string): Promise<Client> {
  const archive = await server.archives.of('ours');
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await createMcpServer({ archive, user, version: '1' }).connect(ours);
  const client = newClient();
  await client.connect(theirs);
  return client;
}

async function overHttp(user: string, key = 0): Promise<Client> {
  const client = newClient();
  const transport = new StreamableHTTPClientTransport(new URL(`http://localhost/mcp?user=${user}`), {
    fetch: async (input, init) => server.app.request(input, init),
    requestInit: { headers: { ...bearers[key] } },
  });
  await client.connect(transport);
  return client;
}

const textOf = (result: Awaited<ReturnType<Client['callTool']>>): string => JSON.stringify(result.content);

describe.each([
  ['in process', inProcess],
  ['over HTTP', overHttp],
])('%s', (_, connect) => {
  test('the tools are described: what they take, and whether they destroy', async () => {
    const { tools } = await (await connect('ann')).listTools();
    expect(tools.map(({ name }) => name)).toEqual(['remember', 'recall', 'forget']);
    expect(tools.map(({ annotations }) => annotations?.destructiveHint ?? annotations?.readOnlyHint)).toEqual(
      [false, true, true],
    );
    expect(tools[1]?.inputSchema).toMatchObject({ type: 'object', required: ['question'] });
  });

  test('what is remembered is recalled, and what is forgotten is not', async () => {
    const client = await connect(randomUUID());
    const stored = await client.callTool({
      name: 'remember',
      arguments: { text: 'My sister Clara plays the cello.', speaker: 'Ann' },
    });
    expect(stored.structuredContent).toMatchObject({ status: 'stored' });
    const recall = { name: 'recall', arguments: { question: 'Who plays the cello?' } };
    const found = await client.callTool(recall);
    expect(found.structuredContent).toMatchObject({
      results: [{ text: expect.stringContaining('cello'), speaker: 'Ann' }],
    });
    const dry = await client.callTool({ name: 'forget', arguments: { query: 'cello', dryRun: true } });
    expect(textOf(dry)).toMatch(/Would erase/);
    const gone = await client.callTool({ name: 'forget', arguments: { query: 'cello' } });
    expect(gone.structuredContent).toMatchObject({ receipt: expect.stringMatching(/-/) });
    expect((await client.callTool(recall)).structuredContent).toEqual({ results: [] });
  });

  test('wrong use is told as an error of the tool', async () => {
    const client = await connect(randomUUID());
    for (const [name, args, words] of [
      ['remember', { text: '   ' }, /empty/],
      ['remember', {}, /text/],
      ['forget', {}, /exactly one/],
      ['forget', { ids: ['999-1'] }, /no item/],
      ['forget', { ids: ['nonsense'] }, /not an item id/],
      ['recall', { question: 'x', limit: 1000 }, /50/],
    ] as const) {
      const result = await client.callTool({ name, arguments: args });
      expect(result.isError).toBe(true);
      expect(textOf(result)).toMatch(words);
    }
  });

  test('a user sees and forgets their own only', async () => {
    const [ann, bob] = [await connect(randomUUID()), await connect(randomUUID())];
    const stored = await ann.callTool({
      name: 'remember',
      arguments: { text: 'The vault opens with 7351.' },
    });
    const { id } = stored.structuredContent as { id: string };
    expect(
      (await bob.callTool({ name: 'recall', arguments: { question: 'vault' } })).structuredContent,
    ).toEqual({
      results: [],
    });
    const stolen = await bob.callTool({ name: 'forget', arguments: { ids: [id] } });
    expect(stolen.isError).toBe(true);
    expect(textOf(stolen)).toMatch(/no item/);
    expect(textOf(await ann.callTool({ name: 'recall', arguments: { question: 'vault' } }))).toMatch(/7351/);
  });
});

test('over HTTP a key is needed, and another tenant sees nothing', async () => {
  const user = randomUUID();
  await (
    await overHttp(user)
  ).callTool({ name: 'remember', arguments: { text: 'The vault opens with 7351.' } });
  const theirs = await (
    await overHttp(user, 1)
  ).callTool({ name: 'recall', arguments: { question: 'vault' } });
  expect(theirs.structuredContent).toEqual({ results: [] });
  await expect(overHttp(user, 2)).rejects.toThrow(/401|missing or wrong/);
  const { status } = await server.call('GET', '/mcp', undefined, bearers[0]);
  expect(status).toBe(405);
});
