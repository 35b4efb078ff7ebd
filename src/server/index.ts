// The public names of the server: an application without a port, and one that listens.
export type { ApiKeyRecord, KeyOwner } from './api-keys.js';
export { ApiKeys, createApiKey, readApiKeys, writeApiKeys } from './api-keys.js';
export type { SharedArchiveOptions } from './archives.js';
export { Archives } from './archives.js';
export type { ArchiveOf, RunsFolder, ServedModel, ServerContext } from './context.js';
export type { Server, ServerOptions } from './create-server.js';
export { createServer } from './create-server.js';
export type { Limits } from './limits.js';
export { defaultLimits } from './limits.js';
export type { ListenOptions, Listening } from './listen.js';
export { listen } from './listen.js';
export type { Page } from './page.js';
export { readPage } from './page.js';
