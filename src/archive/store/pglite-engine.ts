// PGlite, asked in bytes of PostgreSQL's wire protocol. Knows nothing of threads or of what the bytes mean.
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { EngineCode } from './engine-code.js';

/** Where an embedded database lives and what it starts from. */
export interface EngineOptions {
  /** A folder; absent for a database in memory. */
  readonly folder?: string;
  /** A dump (tar) to start a new database from, made by `dump`. */
  readonly template?: Uint8Array;
  /** For pages that were read or written. What does not fit is read from files again and again. */
  readonly pageBytes: number;
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

/**
 * Settings of PostgreSQL. PGlite rounds `sysv` memory for pages up to a power of two, and it costs nothing before pages come in,
 * while all of its `mmap` memory is written to at the start. PostgreSQL also tries out how many files it may open, each more
 * slowly than the one before; the tables of an archive are far fewer.
 */
const settings = {
  shared_memory_type: 'sysv',
  max_files_per_process: '256',
  TimeZone: 'UTC',
  // Statements are written so that their plan does not depend on values (database.ts): each is planned once.
  plan_cache_mode: 'force_generic_plan',
  'hnsw.ef_search': '100',
  'hnsw.iterative_scan': 'relaxed_order',
};

/** PGlite asks for the types of arrays at its start, which only its own interface needs: here bytes go in and out. */
class Engine extends PGlite {
  override async _initArrayTypes(): Promise<void> {
    // Nothing to know.
  }
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

export async function startEngine(
  { folder, template, pageBytes, pgvector }: EngineOptions,
  code: EngineCode,
): Promise<PgliteEngine> {
  const pglite = new Engine({
    startParams: [
      ...PGlite.defaultStartParams,
      ...Object.entries({ ...settings, shared_buffers: `${Math.floor(pageBytes / 1024)}kB` }).flatMap(
        ([name, value]) => ['-c', `${name}=${value}`],
      ),
    ],
    pgliteWasmModule: code,
    ...(folder === undefined ? {} : { dataDir: folder }),
    ...(template === undefined ? {} : { loadDataDir: new Blob([new Uint8Array(template)]) }),
    ...(pgvector === true ? { extensions: { vector } } : {}),
  });
  await pglite.waitReady;
  return {
    async exchange(messages) {
      // Unlike execProtocolRaw, the stream leaves the answer unparsed and keeps no copy of it.
      const pieces: Uint8Array[] = [];
      await pglite.execProtocolRawStream(messages, {
        // Files are written as PostgreSQL writes them: nothing is left to be done afterwards.
        syncToFs: false,
        onRawData: (bytes) => pieces.push(bytes.slice()),
      });
      return concatenate(pieces);
    },
    async copy(sql, bytes) {
      await pglite.query(sql, [], { blob: new Blob([new Uint8Array(bytes)]) });
    },
    dump: async () => new Uint8Array(await (await pglite.dumpDataDir('none')).arrayBuffer()),
    close: () => pglite.close(),
  };
}
