// How much of an archive is kept in memory between questions, and of what.
import { ConfigError } from '../core/errors.js';

/** Bytes that each kind of thing may take. */
export interface CacheBounds {
  /** Pages of the embedded database; a server has its own. */
  readonly pages: number;
  /** Vectors kept as codes; those that a question is comparing stay beyond it. */
  readonly vectors: number;
  /** Traits of users' items, and where words occur in them. */
  readonly traits: number;
  /** The latest turns of conversations. */
  readonly turns: number;
}

export interface CacheOptions {
  /**
   * Most megabytes that are kept in memory of what was read and written: pages of the embedded database, vectors, traits and words
   * of users' items, and turns. Default 1,800. They are taken as they are needed. With less, more is read anew.
   */
  readonly cacheMegabytes?: number;
}

const defaultMegabytes = 1800;
/** Statements of the archive need some hundred pages at once. */
export const leastCacheMegabytes = 16;

/** Found by what 100,000 episodes with vectors of 384 numbers take. */
const shares: CacheBounds = { pages: 0.53, vectors: 0.285, traits: 0.148, turns: 0.037 };

/** WebAssembly has 2 GB, and the database needs some of it for all else. */
const mostPages = 960e6;

/**
 * Shares `megabytes` out.
 *
 * @throws {ConfigError} when it is too little
 */
export function cacheBounds(megabytes = defaultMegabytes): CacheBounds {
  if (!(megabytes >= leastCacheMegabytes && Number.isFinite(megabytes)))
    throw new ConfigError(
      `An archive cannot do with ${megabytes} MB of cache. Expected at least ${leastCacheMegabytes}.`,
      { fields: { cacheMegabytes: megabytes } },
    );
  const bytesOf = (share: number): number => Math.round(share * megabytes * 1e6);
  return {
    pages: Math.min(mostPages, bytesOf(shares.pages)),
    vectors: bytesOf(shares.vectors),
    traits: bytesOf(shares.traits),
    turns: bytesOf(shares.turns),
  };
}
