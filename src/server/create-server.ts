// Puts a server together from what it is given. Knows no port and no command line.
import type { Embedder } from '../archive/index.js';
import type { Logger } from '../core/log.js';
import type { Knowledge } from '../tasks/chat/index.js';
import type { ApiKeys } from './api-keys.js';
import type { ArchiveOf, RunsFolder, ServedModel, ServerApp, ServerContext } from './context.js';
import type { OpenConversation } from './conversations.js';
import type { Limits } from './limits.js';
import type { Page } from './page.js';
import { openConversation } from '../tasks/chat/open-conversation.js';
import { silentLogger } from '../core/log.js';
import { Admission } from './admission.js';
import { createApp } from './app.js';
import { Conversations } from './conversations.js';
import { Lifecycle } from './lifecycle.js';
import { defaultLimits } from './limits.js';
import { ServerMetrics } from './metrics.js';

export interface ServerOptions {
  readonly archiveOf: ArchiveOf;
  /** Default: none; then only the archive is served. The first is meant where none is named. */
  readonly models?: readonly ServedModel[];
  /** For `/v1/embeddings`. */
  readonly embedder?: Embedder | undefined;
  /** What conversations answer from besides what was said. */
  readonly knowledge?: Knowledge | undefined;
  /** Default: whoever reaches the server may use it, as long as that is only this machine. */
  readonly keys?: ApiKeys | undefined;
  /** The tenant where there are no keys; default `default`. */
  readonly tenant?: string | undefined;
  readonly limits?: Partial<Limits>;
  readonly runs?: RunsFolder | undefined;
  readonly page?: Page;
  /** Shown in `/health` and in the description of the API. */
  readonly version?: string;
  readonly log?: Logger;
  readonly now?: () => Date;
  /** For tests; that of tasks/chat by default. */
  readonly openConversation?: OpenConversation;
}

export interface Server {
  readonly app: ServerApp;
  readonly context: ServerContext;
}

/**
 * A server without a port: `app.request('/v1/models')` answers, and `listen` gives it one.
 *
 * @example
 * const archives = new Archives({ store: await openStore('my-memory') });
 * const { app } = createServer({ archiveOf: (tenant) => archives.of(tenant), models: [{ id: 'tiny', generator }] });
 * const response = await app.request('/v1/models');
 */
export function createServer(options: ServerOptions): Server {
  const limits = { ...defaultLimits, ...options.limits };
  const admission = new Admission(limits);
  const context: ServerContext = {
    archiveOf: options.archiveOf,
    models: options.models ?? [],
    embedder: options.embedder,
    knowledge: options.knowledge,
    keys: options.keys,
    tenant: options.tenant ?? 'default',
    limits,
    runs: options.runs,
    page: options.page ?? new Map(),
    version: options.version ?? '',
    log: options.log ?? silentLogger,
    now: options.now ?? (() => new Date()),
    lifecycle: new Lifecycle(),
    admission,
    conversations: new Conversations(options.openConversation ?? openConversation),
    metrics: new ServerMetrics(() => admission.active),
  };
  return { app: createApp(context), context };
}
