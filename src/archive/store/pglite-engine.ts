// PGlite, asked in bytes of PostgreSQL's wire protocol. Knows nothing of threads or of what the bytes mean.
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';

/** Where an embedded database lives and what it starts from. */
export interface EngineOptions {
  /** A folder; absent for a database in memory. */
  readonly folder?: string;
  /** A dump (tar) to start a new database from, made by `dump`. */
  readonly template?: Uint8Array;
  /** Memory for the database's pages; 128 by default. What does not fit is read from files again and again, which is slow. */
  readonly cacheMegabytes?: number;
  /** Loads pgvector, which takes a fifth of a second. */
  readonly pgvector?: boolean;
}

/** A running embedded database with one connection. */
export interface PgliteEngine {
  /** Sends whole protocol messages, returns every message of the answer. */
  exchange(messages: Uint8Array): Promise<Uint8Array>;
  /** Runs `COPY ... FROM '/dev/blob'` with these bytes as the blob. */
  copy(sql: string, bytes: Uint8Array): Promise<void>;
  /** The whole data folder as a tar file. */
  dump(): Promise<Uint8Array>;
  close(): Promise<void>;
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export async function startEngine(options: EngineOptions): Promise<PgliteEngine> {
  const pglite = await PGlite.create({
    ...(options.folder === undefined ? {} : { dataDir: options.folder }),
    ...(options.template === undefined ? {} : { loadDataDir: new Blob([new Uint8Array(options.template)]) }),
    ...(options.cacheMegabytes === undefined
      ? {}
      : { startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${options.cacheMegabytes}MB`] }),
    ...(options.pgvector ? { extensions: { vector } } : {}),
  });
  return {
    async exchange(messages) {
      // Unlike execProtocolRaw, the stream leaves the answer unparsed and keeps no copy of it.
      const pieces: Uint8Array[] = [];
      await pglite.execProtocolRawStream(messages, { onRawData: (bytes) => pieces.push(bytes.slice()) });
      return concatenate(pieces);
    },
    async copy(sql, bytes) {
      await pglite.query(sql, [], { blob: new Blob([new Uint8Array(bytes)]) });
    },
    dump: async () => new Uint8Array(await (await pglite.dumpDataDir('none')).arrayBuffer()),
    close: () => pglite.close(),
  };
}
