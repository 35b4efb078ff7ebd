// For tests: a server without a port over an archive in memory. Knows nothing of what is tested.
import { openPgliteInMemory } from '../../src/archive/store/pglite.js';
import { ApiKeys, createApiKey } from '../../src/server/api-keys.js';
import { Archives } from '../../src/server/archives.js';
import type { Server, ServerOptions } from '../../src/server/create-server.js';
import { createServer } from '../../src/server/create-server.js';
import type * as wire from '../../src/server/wire.js';
import { keepDatabaseCompiled } from './compiled-database.js';

export interface TestServer extends Server {
  readonly archives: Archives;
  /** Sends a request; a body is sent as JSON. Answers with the status and what the body says. */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Called>;
  readonly close: () => Promise<void>;
}

export interface Called {
  readonly status: number;
  readonly json: Answer;
  readonly headers: Headers;
}

/** Whatever a route may answer: a test looks at what it expects. */
export type Answer = Partial<wire.ErrorBody> &
  Partial<wire.ChatResponse> &
  Partial<wire.CompletionResponse> & {
    readonly data?: readonly (Partial<wire.Model> & { readonly embedding?: unknown })[];
  } & Partial<wire.RememberResponse> &
  Partial<wire.RecallResponse> &
  Partial<wire.ExplainResponse> &
  Partial<wire.ItemsResponse> &
  Partial<wire.Item> &
  Partial<wire.EditResponse> &
  Partial<wire.Receipt> &
  Partial<wire.HistoryResponse> &
  Partial<wire.UndoResponse> &
  Partial<wire.UsersResponse> &
  Partial<wire.FactsResponse> &
  Partial<wire.DocumentsResponse> &
  Partial<wire.SessionsResponse> &
  Partial<wire.TurnsResponse> &
  Partial<wire.TurnWindowResponse> &
  Partial<wire.BranchResponse> &
  Partial<wire.RunsResponse> &
  Partial<wire.RunDetail>;

/** One line of a stream. */
export type Chunk = Partial<wire.ChatChunk> & Partial<wire.CompletionResponse> & Partial<wire.ErrorBody>;

export async function openTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  await keepDatabaseCompiled();
  const archives = new Archives({ store: await openPgliteInMemory({ thread: 'main' }) });
  const server = createServer({ archiveOf: (tenant) => archives.of(tenant), ...options });
  return {
    ...server,
    archives,
    call: (method, path, body, headers) => call(server, method, path, body, headers),
    close: () => archives.close(),
  };
}

async function call(
  { app }: Server,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Called> {
  const response = await app.request(path, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return {
    status: response.status,
    json: (isJson ? JSON.parse(text) : text) as Answer,
    headers: response.headers,
  };
}

/** Keys of tenants, in their order, and what the server keeps of them. */
export async function keysOf(
  ...tenants: readonly string[]
): Promise<{ readonly keys: ApiKeys; readonly bearers: readonly { readonly authorization: string }[] }> {
  const made = await Promise.all(tenants.map((tenant) => createApiKey(tenant, new Date())));
  return {
    keys: new ApiKeys(made.map(({ record }) => record)),
    bearers: made.map(({ key }) => ({ authorization: `Bearer ${key}` })),
  };
}
