// The worker thread that runs PGlite. Answers numbered requests; knows nothing of SQL.
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../core/errors.js';
import type { EngineCode } from './engine-code.js';
import type { EngineOptions, PgliteEngine } from './pglite-engine.js';
import { startEngine } from './pglite-engine.js';

export type Request =
  | { readonly kind: 'exchange'; readonly bytes: Uint8Array }
  | { readonly kind: 'copy'; readonly sql: string; readonly bytes: Uint8Array }
  | { readonly kind: 'start'; readonly code: EngineCode }
  | { readonly kind: 'dump' | 'close' };

/** `error` carries what a thrown `Error` would lose between threads. */
export interface Reply {
  readonly id: number;
  readonly bytes?: Uint8Array;
  readonly error?: { readonly message: string; readonly code?: unknown };
}

const port = parentPort;
/** Started by the first request. */
let starting: Promise<PgliteEngine> | undefined;

async function answer(request: Request): Promise<Uint8Array | undefined> {
  if (request.kind === 'start') starting = startEngine(workerData as EngineOptions, request.code);
  invariant(starting !== undefined, 'The database is used before it is started.');
  const engine = await starting;
  if (request.kind === 'exchange') return engine.exchange(request.bytes);
  if (request.kind === 'dump') return engine.dump();
  if (request.kind === 'copy') await engine.copy(request.sql, request.bytes);
  if (request.kind === 'close') await engine.close();
  return undefined;
}

port?.on('message', (request: Request & { readonly id: number }) => {
  answer(request)
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
