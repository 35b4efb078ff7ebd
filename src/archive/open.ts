// Opens an archive: database, schema, keys, embedder. Knows nothing of episodes or questions.
import { BoundedMap } from '../core/bounded-map.js';
import type { Logger } from '../core/log.js';
import { silentLogger } from '../core/log.js';
import { Analyzer } from './analysis/analyzer.js';
import { TermIds } from './analysis/term-ids.js';
import { Archive } from './archive.js';
import type { Context } from './context.js';
import type { Database } from './database.js';
import { checkTimeZone, localTimeZone } from './dates/time-zone.js';
import { RecalledTexts } from './echo.js';
import type { Embedder } from './embedder.js';
import type { Extractor } from './facts/statement.js';
import { ruleExtractor } from './facts/rules.js';
import { migrate } from './migrate.js';
import type { Encryption } from './privacy/keyring.js';
import { openCipher } from './privacy/open-cipher.js';
import type { Redactor } from './privacy/redact.js';
import type { LongWork } from './progress.js';
import { reindexVectors, reindexWords } from './reindex.js';
import { checkName, unnamedUser } from './scope.js';
import { given } from '../core/given.js';
import { openStore } from './store/open-store.js';
import { tidy } from './tidy.js';
import { estimateTokens } from './tokens.js';
import { TurnCache } from './turn-cache.js';
import { checkWordIndex } from './word-index.js';
import type { NewVectorStorage, VectorIndex } from './vector-index.js';
import {
  buildSearch,
  checkEmbedder,
  createVectorIndex,
  findVectorIndex,
  newVectorStorage,
  publishVectorIndex,
} from './vector-index.js';

export interface ArchiveOptions {
  /** A folder, `postgres://user:password@host/name`, `memory`, or a database that is open already. */
  readonly store: string | Database;
  /** Whose data this is. Nothing of one tenant is ever visible to another. Default `default`. */
  readonly tenant?: string;
  /** The user meant where none is named. Default `default`. */
  readonly user?: string;
  readonly embedder?: Embedder;
  /**
   * How a new index keeps its vectors: `codes`, a byte a number, in memory while they are searched (the default of embedded
   * archives, and of servers without pgvector), or `vector`, pgvector with its HNSW index (the default of other servers).
   * An index that is there stays as it is until the archive is re-indexed.
   */
  readonly vectorStorage?: NewVectorStorage;
  /** As `openStore` takes it; a database that is open already keeps its own bounds. */
  readonly cacheMegabytes?: number;
  readonly extractor?: Extractor;
  readonly redactor?: Redactor;
  /** Seals texts at rest. Speakers, sessions, users and vectors stay readable. */
  readonly encryption?: Encryption;
  /** For items' sizes and the window; about four characters a token by default. */
  readonly countTokens?: (text: string) => number;
  readonly now?: () => Date;
  /**
   * Whose midnight begins the days that texts and questions name ("yesterday"): a name of the IANA database. This computer's
   * when absent.
   */
  readonly timeZone?: string;
  readonly log?: Logger;
  /** Conversations held in memory; archives of one store can share them, and with them the bound. */
  readonly turns?: TurnCache;
  /** What was recalled lately, in the same way. */
  readonly recalled?: RecalledTexts;
}

/** The index of the embedder given; made on first use. */
async function openVectors(
  { database, log }: Context,
  { embedder, vectorStorage }: ArchiveOptions,
): Promise<VectorIndex | undefined> {
  const existing = await findVectorIndex(database);
  if (embedder === undefined) {
    if (existing !== undefined)
      log.log(
        'warn',
        `The archive has vectors of "${existing.embedder}", but no embedder was given: only words are searched, and what is written now gets its vector at the next re-indexing.`,
      );
    return undefined;
  }
  if (existing !== undefined) {
    checkEmbedder(existing, embedder);
    return existing;
  }
  const storage = await newVectorStorage(database, vectorStorage);
  return database.transaction(async (transaction) => {
    const index = await createVectorIndex(transaction, embedder, storage);
    await buildSearch(transaction, index, { kind: database.kind, items: 0 });
    await publishVectorIndex(transaction, index);
    return index;
  });
}

/** Opens store and schema and hands the rest to `use`; a store opened here is closed when that fails. */
async function withContext<T>(options: ArchiveOptions, use: (context: Context) => Promise<T>): Promise<T> {
  const database =
    typeof options.store === 'string'
      ? await openStore(options.store, {
          pgvector: options.vectorStorage === 'vector',
          ...given({ cacheMegabytes: options.cacheMegabytes }),
        })
      : options.store;
  try {
    await migrate(database);
    const cipher = await openCipher(database, options.encryption);
    return await use({
      database,
      tenant: checkName(options.tenant ?? 'default', 'tenant'),
      defaultUser: checkName(options.user ?? unnamedUser, 'user'),
      analyzer: new Analyzer(),
      ids: new TermIds(cipher.hashKey),
      cipher,
      extractor: options.extractor ?? ruleExtractor,
      redactor: options.redactor,
      embedder: undefined,
      vectors: undefined,
      recalled: options.recalled ?? new RecalledTexts(),
      turns: options.turns ?? new TurnCache({ bytes: database.cache.turns }),
      written: new BoundedMap({ entries: 10_000 }),
      countTokens: options.countTokens ?? estimateTokens,
      now: options.now ?? (() => new Date()),
      timeZone: checkTimeZone(options.timeZone ?? localTimeZone()),
      log: options.log ?? silentLogger,
    });
  } catch (error) {
    if (typeof options.store === 'string') await database.close();
    throw error;
  }
}

/**
 * Opens the archive in a folder, on a server or in memory, creating what is missing.
 *
 * @throws {StorageError} when the store cannot be opened, is locked, or was written by a newer version
 * @throws {DataError} when an option names what there is none of
 * @throws {ConfigError} when the embedder is not the one the vectors were made with
 *
 * @example
 * const archive = await openArchive({ store: 'my-memory' });
 * await archive.remember('My sister lives in Oslo.');
 * const [best] = await archive.recall('Where does my sister live?');
 * await archive.close();
 */
export function openArchive(options: ArchiveOptions): Promise<Archive> {
  const { embedder } = options;
  return withContext(options, async (context) => {
    const [vectors] = await Promise.all([openVectors(context, options), checkWordIndex(context)]);
    return new Archive({ ...context, embedder, vectors });
  });
}

/**
 * Re-indexes the whole store: words of the tenant, and vectors of all tenants by `options.embedder`, which takes the
 * place of the one before. The archive is not to be open elsewhere in this process.
 */
export async function reindexArchive(options: ArchiveOptions, work: LongWork = {}): Promise<void> {
  await withContext(options, async (context) => {
    await reindexWords(context, work);
    const { embedder, vectorStorage } = options;
    if (embedder !== undefined) await reindexVectors(context, { embedder, vectorStorage }, work);
    await tidy(context.database, { always: true });
    if (typeof options.store === 'string') await context.database.close();
  });
}
