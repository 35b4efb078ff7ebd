// Helpers of the page's tests: a browser's storage and a server, both in memory.
import type { ChatWindow } from '../../../src/server/wire.js';
import type { Client } from './api/client.js';
import { createClient } from './api/client.js';
import { createRequests } from './api/requests.js';
import type { KeyValues } from './storage.js';

export function valuesInMemory(): KeyValues {
  const values = new Map<string, string>();
  return { read: (name) => values.get(name), write: (name, value) => void values.set(name, value) };
}

/** Two tokens of it belong to no part. */
export const testWindow: ChatWindow = {
  parts: [
    { kind: 'summary', budget: 20, tokens: 0, items: [] },
    {
      kind: 'recalled',
      budget: 40,
      tokens: 30,
      items: [{ id: '1-0', text: 'I live in Lyon.', tokens: 30, score: 0.05, session: 'monday', turn: 0 }],
    },
    {
      kind: 'message',
      budget: 10,
      tokens: 10,
      items: [{ text: 'Where do I live?', tokens: 10, role: 'user' }],
    },
  ],
  tokens: 42,
  limit: 100,
  answerTokens: 25,
  messages: [{ role: 'user', content: 'Where do I live?' }],
  cut: [],
};

/** What a test's server was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly key: string | null;
}

export type Answer = (asked: Asked, signal: AbortSignal | undefined) => Response | Promise<Response>;

/** A client of a server that answers by a function, and what it was asked. */
export function clientOf(
  answer: Answer,
  key = '',
): { readonly client: Client; readonly asked: readonly Asked[] } {
  const asked: Asked[] = [];
  const fetch = async (address: string | URL | Request, request: RequestInit = {}): Promise<Response> => {
    const body: unknown = typeof request.body === 'string' ? JSON.parse(request.body) : undefined;
    const headers = new Headers(request.headers);
    const one = {
      method: request.method ?? 'GET',
      path: String(address),
      body,
      key: headers.get('authorization'),
    };
    asked.push(one);
    return answer(one, request.signal ?? undefined);
  };
  return { client: createClient(createRequests(fetch, () => key)), asked };
}

/** A stream of `data:` lines; it goes on until it is aborted when `hang` is set. */
export function streamOf(
  data: readonly unknown[],
  { signal, hang = false }: { readonly signal?: AbortSignal | undefined; readonly hang?: boolean } = {},
): Response {
  const lines = data.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const line of lines) controller.enqueue(new TextEncoder().encode(line));
      if (!hang) return controller.close();
      signal?.addEventListener('abort', () => controller.error(new DOMException('stopped', 'AbortError')));
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

export function errorResponse(
  status: number,
  message: string,
  headers: Record<string, string> = {},
): Response {
  const body = { error: { message, type: 'error', param: null, code: null } };
  return Response.json(body, { status, headers });
}
