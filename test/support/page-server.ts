// For tests of the page: a server on a free port over a store folder, as `mneme serve` makes it. Knows no browser.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openStore } from '../../src/archive/store/open-store.js';
import { nodeFiles } from '../../src/core/files.node.js';
import { Archives } from '../../src/server/archives.js';
import type { ServerOptions } from '../../src/server/create-server.js';
import { createServer } from '../../src/server/create-server.js';
import { listen } from '../../src/server/listen.js';
import { readPage } from '../../src/server/page.js';
import { keepDatabaseCompiled } from './compiled-database.js';

/** What `npx vite build web` made. */
const builtPage = fileURLToPath(new URL('../../dist/web', import.meta.url));

export interface PageServer {
  readonly url: string;
  readonly archives: Archives;
  close(): Promise<void>;
}

export interface PageServerOptions extends Partial<ServerOptions> {
  /** Folder of the archive. */
  readonly store: string;
  /** Folder of run folders. */
  readonly runsFolder?: string;
}

export async function startPageServer({
  store,
  runsFolder,
  ...options
}: PageServerOptions): Promise<PageServer> {
  if (!existsSync(builtPage)) throw new Error('The page is not built: run `npx vite build web` first.');
  await keepDatabaseCompiled();
  const archives = new Archives({ store: await openStore(store) });
  const { app, context } = createServer({
    archiveOf: (tenant) => archives.of(tenant),
    page: await readPage(nodeFiles, builtPage),
    version: 'test',
    ...(runsFolder === undefined ? {} : { runs: { files: nodeFiles, path: runsFolder } }),
    limits: { pollMs: 50 },
    ...options,
  });
  const listening = await listen(app, context.lifecycle, { host: '127.0.0.1', port: 0 });
  return {
    url: listening.url,
    archives,
    async close() {
      await listening.close(1000);
      await archives.close();
    },
  };
}
