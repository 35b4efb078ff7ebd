// Sends requests to the server the page came from, with the key, and turns what fails into an ApiError. Knows no route.
import { ApiError, errorOf, isAbort } from './api-error.js';
import type { ServerEvent } from './events.js';
import { readEvents } from './events.js';

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export interface Requests {
  /** The body of the answer as the type that the route promises. @throws {ApiError} */
  json<T>(path: string, options?: RequestOptions): Promise<T>;
  /** The body of the answer, to be kept as a file. @throws {ApiError} */
  blob(path: string, options?: RequestOptions): Promise<Blob>;
  /** The events of an answer that is a stream. @throws {ApiError} */
  events(path: string, options?: RequestOptions): AsyncGenerator<ServerEvent>;
}

export function pathWith(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

/**
 * @param fetch how requests are sent: the browser's `fetch`, or a test's
 * @param readKey the API key at the moment of a request; empty where none is needed
 */
export function createRequests(fetch: typeof globalThis.fetch, readKey: () => string): Requests {
  async function send(path: string, { method, query, body, signal }: RequestOptions = {}): Promise<Response> {
    const headers = new Headers();
    const key = readKey();
    if (key !== '') headers.set('authorization', `Bearer ${key}`);
    if (body !== undefined) headers.set('content-type', 'application/json');
    const request: RequestInit = { method: method ?? (body === undefined ? 'GET' : 'POST'), headers };
    if (body !== undefined) request.body = JSON.stringify(body);
    if (signal !== undefined) request.signal = signal;
    const response = await fetch(pathWith(path, query), request).catch((error: unknown) => {
      throw isAbort(error) ? error : new ApiError('offline', String(error));
    });
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  return {
    json: async <T>(path: string, options?: RequestOptions) =>
      (await (await send(path, options)).json()) as T,
    blob: async (path, options) => (await send(path, options)).blob(),
    async *events(path, options) {
      const { body } = await send(path, options);
      if (body === null) throw new ApiError('broken', 'The answer has no body.');
      try {
        yield* readEvents(body);
      } catch (error) {
        throw isAbort(error) || error instanceof ApiError ? error : new ApiError('broken', String(error));
      }
    },
  };
}
