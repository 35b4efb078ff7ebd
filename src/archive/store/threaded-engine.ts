// PGlite in a worker thread, with the same face as in this one. Knows nothing of SQL.
import { Worker } from 'node:worker_threads';
import { StorageError } from '../../core/errors.js';
import { engineCode } from './engine-code.js';
import type { EngineOptions, PgliteEngine } from './pglite-engine.js';
import type { Reply, Request } from './pglite-worker.js';

interface Pending {
  readonly resolve: (bytes: Uint8Array | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** The built worker lies beside the built store; sources run under a test runner use the build. */
export function workerUrl(): URL {
  const fromSource = import.meta.url.endsWith('.ts');
  const path = fromSource ? '../../../dist/archive/store/pglite-worker.js' : './pglite-worker.js';
  return new URL(path, import.meta.url);
}

class Channel {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #ended: Error | undefined;

  constructor(options: EngineOptions) {
    this.#worker = new Worker(workerUrl(), { workerData: options });
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => this.#receive(reply));
    this.#worker.on('error', (cause) =>
      this.#end(new StorageError('The thread of the database failed. Open the archive again.', { cause })),
    );
    this.#worker.on('exit', () =>
      this.#end(new StorageError('The database was closed. Open the archive again.')),
    );
  }

  /** The process stays alive as long as an answer is awaited. */
  ask(request: Request): Promise<Uint8Array | undefined> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id }, []);
    });
  }

  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.ask({ kind: 'close' });
    this.#worker.ref();
    await exited;
  }

  #receive({ id, bytes, error }: Reply): void {
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker.unref();
    if (error === undefined) waiting?.resolve(bytes);
    else waiting?.reject(Object.assign(new Error(error.message), { code: error.code }));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiting of this.#pending.values()) waiting.reject(error);
    this.#pending.clear();
  }
}

const nothing = new Uint8Array(0);

/** Starts PGlite in a thread of its own, so that a long query never blocks the caller's event loop. */
export async function startThreadedEngine(options: EngineOptions): Promise<PgliteEngine> {
  const channel = new Channel(options);
  // The thread loads its modules meanwhile.
  await channel.ask({ kind: 'start', code: await engineCode() });
  return {
    exchange: async (bytes) => (await channel.ask({ kind: 'exchange', bytes })) ?? nothing,
    copy: async (sql, bytes) => void (await channel.ask({ kind: 'copy', sql, bytes })),
    dump: async () => (await channel.ask({ kind: 'dump' })) ?? nothing,
    close: () => channel.close(),
  };
}
