// The worker thread that runs PGlite. Answers numbered requests; knows nothing of SQL.
import { parentPort, workerData } from 'node:worker_threads';
import type { EngineOptions, PgliteEngine } from './pglite-engine.js';
import { startEngine } from './pglite-engine.js';

export type Request =
  | { readonly kind: 'exchange'; readonly bytes: Uint8Array }
  | { readonly kind: 'copy'; readonly sql: string; readonly bytes: Uint8Array }
  | { readonly kind: 'dump' | 'close' | 'start' };

/** `error` carries what a thrown `Error` would lose between threads. */
export interface Reply {
  readonly id: number;
  readonly bytes?: Uint8Array;
  readonly error?: { readonly message: string; readonly code?: unknown };
}

const port = parentPort;
const starting = startEngine(workerData as EngineOptions);

async function answer(engine: PgliteEngine, request: Request): Promise<Uint8Array | undefined> {
  if (request.kind === 'exchange') return engine.exchange(request.bytes);
  if (request.kind === 'dump') return engine.dump();
  if (request.kind === 'copy') await engine.copy(request.sql, request.bytes);
  if (request.kind === 'close') await engine.close();
  return undefined;
}

port?.on('message', (request: Request & { readonly id: number }) => {
  starting
    .then((engine) => answer(engine, request))
    .then(
      (bytes) =>
        port.postMessage(
          { id: request.id, bytes } satisfies Reply,
          bytes ? [bytes.buffer as ArrayBuffer] : [],
        ),
      (thrown: unknown) => {
        const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        port.postMessage({ id: request.id, error: { message, code } } satisfies Reply);
      },
    )
    .finally(() => request.kind === 'close' && port.close());
});
