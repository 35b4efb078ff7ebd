// The endpoint's generator against a server on this machine that is well, down, slow, or sends nonsense.
import type { Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { tellingEnd } from '../../../core/telling-end.js';
import type { AnswerEnd } from '../generator.js';
import { endpointGenerator } from './endpoint.js';

interface Asked {
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly body: Record<string, unknown>;
}

let server: Server;
let url = '';
let asked: Asked[] = [];
/** Requests whose connection was closed from the other side. */
let leftAlone = 0;
let answer: (response: ServerResponse) => void = () => undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    response.on('close', () => (leftAlone += response.writableFinished ? 0 : 1));
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const { url: path, headers } = request;
      asked.push({ url: path, key: headers.authorization, body: JSON.parse(body) as Asked['body'] });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
beforeEach(() => {
  asked = [];
  leftAlone = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const stream = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
const chunk = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: finish }] })}\n\n`;

async function pieces(
  more: { readonly timeoutMs?: number; readonly apiKey?: string; readonly url?: string } = {},
  signal?: AbortSignal,
): Promise<string[]> {
  const generator = endpointGenerator({ url, model: 'small', ...more });
  const all: string[] = [];
  const options = { maxTokens: 9, temperature: 0, stop: ['END'], ...(signal && { signal }) };
  for await (const piece of generator.generate([{ role: 'user', content: '你好' }], options)) all.push(piece);
  return all;
}

it('streams an answer, with the key, the messages and the options', async () => {
  answer = (response) => {
    const bytes = Buffer.from(`: ping\n\n${chunk('你')}${chunk('好!')}data: [DONE]\n\n`);
    stream(response);
    // In the middle of a character and of a line.
    for (let at = 0; at < bytes.length; at += 11) response.write(bytes.subarray(at, at + 11));
    response.end();
  };
  expect(await pieces({ apiKey: 'secret', url: `${url}/` })).toEqual(['你', '好!']);
  expect(asked).toEqual([
    {
      url: '/v1/chat/completions',
      key: 'Bearer secret',
      body: {
        model: 'small',
        messages: [{ role: 'user', content: '你好' }],
        stream: true,
        max_tokens: 9,
        temperature: 0,
        stop: ['END'],
      },
    },
  ]);
});

it('takes an answer that is not streamed', async () => {
  answer = (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ choices: [{ message: { content: 'All at once.' } }] }));
  expect(await pieces()).toEqual(['All at once.']);
});

it.each([
  ['stop', 'end'],
  ['tool_calls', 'end'],
  ['length', 'length'],
  ['content_filter', 'content-filter'],
])('says why an answer ended: %s', async (reason, end) => {
  const ended: AnswerEnd[] = [];
  const ask = async (): Promise<void> => {
    const pieces = endpointGenerator({ url, model: 'small' }).generate([], { maxTokens: 9 });
    for await (const _ of tellingEnd(pieces, (returned) => ended.push(returned)));
  };
  const count = 'data: {"choices": [], "usage": {"total_tokens": 3}}\n\n';
  answer = (response) => stream(response).end(`${chunk('a', reason)}${count}data: [DONE]\n\n`);
  await ask();
  answer = (response) => stream(response).end(chunk('a', reason));
  await ask();
  const whole = { choices: [{ message: { content: 'a' }, finish_reason: reason }] };
  answer = (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole));
  await ask();
  expect(ended).toEqual([end, end, end]);
});

it.each([
  [401, { failure: 'refused', retry: false }],
  [404, { failure: 'rejected', retry: false }],
  [429, { failure: 'overloaded', retry: true }],
  [503, { failure: 'overloaded', retry: true }],
])('says what status %i means', async (status, expected) => {
  answer = (response) => response.writeHead(status).end('no such luck');
  const failed = pieces({ apiKey: 'secret' });
  await expect(failed).rejects.toMatchObject({ code: 'generator', ...expected });
  await expect(failed).rejects.toThrow(`answered ${status}: no such luck`);
  await expect(failed).rejects.not.toThrow('secret');
});

it.each([
  ['no JSON', `${chunk('a')}data: {"choices": [\n\n`, /not JSON/],
  ['another shape', 'data: {"choices": 7}\n\n', /something else/],
  ['an error', 'data: {"error": {"message": "out of memory"}}\n\n', /failed: out of memory/],
  ['an end that is none', chunk('half an ans'), /ended before/],
])('tells of broken chunks: %s', async (_, body, message) => {
  answer = (response) => stream(response).end(body);
  const failed = pieces();
  await expect(failed).rejects.toThrow(message);
  await expect(failed).rejects.toMatchObject({ failure: 'broken', retry: true });
});

it('tells when bytes are not UTF-8 and when the connection breaks', async () => {
  answer = (response) =>
    stream(response).end(Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0xfe, 10, 10]));
  await expect(pieces()).rejects.toMatchObject({ failure: 'broken' });
  answer = (response) => {
    stream(response).write(chunk('half'));
    setTimeout(() => response.destroy(), 20);
  };
  await expect(pieces()).rejects.toMatchObject({ failure: 'broken' });
});

it('gives up on one that is slow to begin or slow to go on', async () => {
  answer = () => undefined;
  await expect(pieces({ timeoutMs: 60 })).rejects.toMatchObject({ failure: 'timeout', retry: true });
  answer = (response) => void stream(response).write(chunk('half'));
  await expect(pieces({ timeoutMs: 60 })).rejects.toThrow(/said nothing for 0.06 s. Try again.$/);
});

it('says when nobody is there', async () => {
  await expect(pieces({ url: 'http://127.0.0.1:1/v1' })).rejects.toMatchObject({ failure: 'unreachable' });
  expect(() => endpointGenerator({ url: 'localhost', model: 'x' })).toThrow(/not the address/);
});

it('is stopped by the signal, and lets the server know', async () => {
  answer = (response) => void stream(response).write(chunk('one '));
  const controller = new AbortController();
  const generator = endpointGenerator({ url, model: 'small' });
  const said: string[] = [];
  const stopped = (async () => {
    for await (const piece of generator.generate([], { maxTokens: 9, signal: controller.signal })) {
      said.push(piece);
      controller.abort();
    }
  })();
  await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
  expect(said).toEqual(['one ']);
  await expect.poll(() => leftAlone).toBe(1);
});

it('ends its request when nobody reads on', async () => {
  answer = (response) => void stream(response).write(chunk('one '));
  const generator = endpointGenerator({ url, model: 'small' });
  for await (const _ of generator.generate([], { maxTokens: 9 })) break;
  await expect.poll(() => leftAlone).toBe(1);
});

it.each([
  [400, "This model's maximum context length is 2048 tokens."],
  [
    400,
    '{"error":{"type":"exceed_context_size_error","message":"the request exceeds the available context size"}}',
  ],
  [413, '{"error":{"code":"context_length_exceeded"}}'],
])('says what to set when the model finds the prompt too long (%i %s)', async (status, reason) => {
  answer = (response) => void response.writeHead(status).end(reason);
  await expect(pieces()).rejects.toMatchObject({
    failure: 'too-long',
    retry: false,
    fields: { status, maxTokens: 8192 },
    message: expect.stringMatching(/up to 8192 tokens, by an estimate.*--context/),
  });
});

it('does not take a server that is not well for a prompt that is too long', async () => {
  answer = (response) => void response.writeHead(500).end('no memory for the context window');
  await expect(pieces()).rejects.toMatchObject({ failure: 'overloaded', retry: true });
});
