// What every route works with. Knows no route.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Archive, Embedder } from '../archive/index.js';
import type { Files } from '../core/files.js';
import type { Logger } from '../core/log.js';
import type { Generator, Knowledge } from '../tasks/chat/index.js';
import type { ApiKeys, KeyOwner } from './api-keys.js';
import type { Admission } from './admission.js';
import type { Conversations } from './conversations.js';
import type { Lifecycle } from './lifecycle.js';
import type { Limits } from './limits.js';
import type { ServerMetrics } from './metrics.js';
import type { Page } from './page.js';

/** A model that answers. */
export interface ServedModel {
  readonly id: string;
  readonly generator: Generator;
}

/** The archive of a tenant. Opened once for each; all are closed with the store. */
export type ArchiveOf = (tenant: string) => Promise<Archive>;

/** Where run folders lie, and how they are read. */
export interface RunsFolder {
  readonly files: Files;
  readonly path: string;
}

/** Everything a server is made of. */
export interface ServerContext {
  readonly archiveOf: ArchiveOf;
  /** The first is meant where none is named. May be empty: then only the archive is served. */
  readonly models: readonly ServedModel[];
  readonly embedder: Embedder | undefined;
  readonly knowledge: Knowledge | undefined;
  /** `undefined`: whoever reaches the server may use it, as `tenant`. */
  readonly keys: ApiKeys | undefined;
  /** The tenant where there are no keys. */
  readonly tenant: string;
  readonly limits: Limits;
  readonly runs: RunsFolder | undefined;
  readonly page: Page;
  readonly version: string;
  readonly log: Logger;
  readonly now: () => Date;
  readonly lifecycle: Lifecycle;
  readonly admission: Admission;
  readonly conversations: Conversations;
  readonly metrics: ServerMetrics;
}

/** What a request carries through the middleware. */
export interface ServerEnv {
  readonly Variables: { readonly caller: KeyOwner };
}

export type ServerApp = OpenAPIHono<ServerEnv>;
