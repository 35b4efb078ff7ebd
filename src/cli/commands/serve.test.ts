// Checks what `mneme serve` refuses, prints and leaves behind, and `mneme mcp` with a real client, as processes.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mneme } from '../../../test/support/command-line.js';
import { keepDatabaseCompiled } from '../../../test/support/compiled-database.js';

const program = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const built =
  existsSync(program) &&
  existsSync(fileURLToPath(new URL('../../../dist/cli/commands/serve.js', import.meta.url)));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-serve-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeAll(keepDatabaseCompiled);

const environment = { ...process.env, MNEME_EMBEDDER: '', DATABASE_URL: '' };

/** Starts the server and gives its address. */
async function serve(...args: string[]): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--json', ...args], {
    env: environment,
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, url: (JSON.parse(line) as { url: string }).url };
}

async function stop(child: ChildProcess): Promise<number | null> {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
}

describe.skipIf(!built)(`mneme serve${built ? '' : ' (skipped: not built, run tsdown)'}`, () => {
  test('refuses to listen to others without a key, and makes keys that it keeps no more than the hash of', async () => {
    const keys = join(folder, 'keys.json');
    const refused = await mneme(['serve', '--host', '0.0.0.0', '--store', 'memory']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/--new-key TENANT/) });
    expect(await mneme(['serve', '--new-key', 'acme'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--keys FILE/),
    });
    const made = await mneme(['serve', '--keys', keys, '--new-key', 'acme']);
    const key = made.stdout.trim();
    expect(key).toMatch(/^mneme_[\w-]{43}$/);
    expect(await readFile(keys, 'utf8')).not.toContain(key.slice('mneme_'.length));
    await mneme(['serve', '--keys', keys, '--new-key', 'other', '--json']);
    const { child, url } = await serve('--keys', keys, '--host', '0.0.0.0', '--store', 'memory');
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${url.replace('0.0.0.0', '127.0.0.1')}/v1/models`, { headers })).status;
    expect(await ask({})).toBe(401);
    expect(await ask({ authorization: `Bearer ${key}` })).toBe(200);
    expect(await stop(child)).toBe(0);
  });

  test('goes on after a restart with what was told before, and answers from documents', async () => {
    const store = join(folder, 'store');
    const say = async (url: string, content: string, session: string): Promise<string> => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages: [{ role: 'user', content }], mneme: { session } }),
      });
      const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
      return choices[0]?.message.content ?? '';
    };
    const first = await serve('--store', store);
    await say(first.url, 'My sister Clara plays the cello.', 'monday');
    expect((await mneme(['recall', 'cello', '--store', store])).stderr).toMatch(/locked by process/);
    expect(await stop(first.child)).toBe(0);
    const second = await serve('--store', store);
    expect(await say(second.url, 'Who plays the cello?', 'tuesday')).toMatch(/Clara/);
    const metrics = await (await fetch(`${second.url}/metrics`)).text();
    expect(metrics).toMatch(/process_resident_memory_bytes \d/);
    expect(await stop(second.child)).toBe(0);
  });

  test('says what is wrong with a port, a file of keys, or a model', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const taken = await mneme(['serve', '--store', 'memory', '--port', String(port)]);
    expect(taken).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cannot be used.*EADDRINUSE.*--port N/),
    });
    other.close();
    for (const [args, code, words] of [
      [['--keys', join(folder, 'none.json')], 1, /no such file/],
      [['--model', 'nonsense'], 2, /URL#NAME/],
      [[join(folder, 'no-run')], 1, /is not a run/],
      [['--knowledge', join(folder, 'nowhere')], 1, /no such file|nowhere/],
    ] as const) {
      const failed = await mneme(['serve', '--store', 'memory', '--port', '0', ...args]);
      expect([args, failed.code]).toEqual([args, code]);
      expect(failed.stderr).toMatch(words);
    }
  });
});

describe('mneme mcp', () => {
  test('answers what it was asked before its input ended', async () => {
    const request = (id: number, method: string, params: object): string =>
      `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
    const client = {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    };
    const call = { name: 'remember', arguments: { text: 'My dog is called Rex.' } };
    const input = request(1, 'initialize', client) + request(2, 'tools/call', call);
    const { code, stdout } = await mneme(['mcp', '--store', join(folder, 'mcp-pipe')], input);
    expect(code).toBe(0);
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; result: object });
    expect(answers).toMatchObject([
      { id: 1 },
      { id: 2, result: { structuredContent: { status: 'stored' } } },
    ]);
  });
});

describe.skipIf(!built)(`mneme mcp${built ? '' : ' (skipped: not built, run tsdown)'}`, () => {
  test('gives a client of the protocol this memory, over standard input and output', async () => {
    const store = join(folder, 'mcp');
    const connect = async (): Promise<Client> => {
      const client = new Client({ name: 'test', version: '1' });
      const args = [program, 'mcp', '--store', store, '--user', 'ann'];
      await client.connect(
        new StdioClientTransport({
          command: process.execPath,
          args,
          env: environment as Record<string, string>,
          stderr: 'inherit',
        }),
      );
      return client;
    };
    const first = await connect();
    await first.callTool({ name: 'remember', arguments: { text: 'My sister Clara plays the cello.' } });
    await first.close();
    expect((await stat(store)).isDirectory()).toBe(true);
    const second = await connect();
    const found = await second.callTool({ name: 'recall', arguments: { question: 'Who plays the cello?' } });
    expect(JSON.stringify(found.content)).toMatch(/Z {2}My sister Clara/);
    await second.close();
  });
});
