// Keeps users' vectors in memory between questions, within a bound. Knows nothing of what is asked.
import type { Database, Queryable } from '../database.js';
import type { Scope } from '../scope.js';
import type { Codes } from '../vector-codes.js';
import { codeBytes, decodeVectors, encodeVector } from '../vector-codes.js';
import type { VectorIndex } from '../vector-index.js';
import { tableOf } from '../vector-index.js';
import { CodeBlocks } from './code-blocks.js';
import { CodeIndex } from './code-index.js';

const pageSize = 10_000;

/** The codes of one user while somebody searches them. */
export interface BorrowedCodes {
  readonly scope: number;
  readonly index: CodeIndex;
  /** To be called once, after the last search. */
  release(): void;
}

interface Held {
  readonly index: CodeIndex;
  /** All vectors of ordinals below are there. */
  nextOrdinal: number;
  /** The loading before the next one; vectors are added in order. */
  loading: Promise<void>;
  borrowers: number;
  isDropped: boolean;
}

/**
 * Vectors of one index. Ordinals of a scope only rise and an item's vector never changes, so what is missing are those from
 * the last known ordinal on. Of an item that is gone the vector stays until the scope is dropped here; recall leaves out
 * whatever has no row any more. The least lately used scopes are dropped beyond the bound; one in use never is.
 */
export class HeldCodes {
  readonly #index: VectorIndex;
  readonly #mostBytes: number;
  readonly #memory: CodeBlocks;
  /** The least lately used first. */
  readonly #scopes = new Map<number, Held>();

  constructor(index: VectorIndex, mostBytes: number) {
    this.#index = index;
    this.#mostBytes = mostBytes;
    this.#memory = new CodeBlocks(index.dimension);
  }

  get number(): number {
    return this.#index.number;
  }

  /** What is held of a scope, whether or not there is more by now. */
  find(scope: number): CodeIndex | undefined {
    return this.#scopes.get(scope)?.index;
  }

  /** The codes of a scope, read from the database as far as they are not here yet. */
  async borrow(database: Queryable, { scope, nextOrdinal }: Scope): Promise<BorrowedCodes> {
    const held = this.#scopes.get(scope) ?? {
      index: new CodeIndex(this.#memory),
      nextOrdinal: 0,
      loading: Promise.resolve(),
      borrowers: 0,
      isDropped: false,
    };
    this.#scopes.delete(scope);
    this.#scopes.set(scope, held);
    held.borrowers++;
    try {
      const load = (): Promise<void> => this.#load(database, scope, held, nextOrdinal);
      held.loading = held.loading.then(load, load);
      await held.loading;
    } catch (error) {
      this.#release(held);
      throw error;
    }
    this.#makeRoom();
    return { scope, index: held.index, release: () => this.#release(held) };
  }

  /** To be called when vectors of a scope are gone, or were added where some are held already. */
  drop(scope: number): void {
    const held = this.#scopes.get(scope);
    if (held === undefined) return;
    this.#scopes.delete(scope);
    held.isDropped = true;
    if (held.borrowers === 0) held.index.clear();
  }

  dropAll(): void {
    this.#scopes.forEach((_, scope) => this.drop(scope));
  }

  #release(held: Held): void {
    held.borrowers--;
    if (held.isDropped && held.borrowers === 0) held.index.clear();
  }

  async #load(database: Queryable, scope: number, held: Held, nextOrdinal: number): Promise<void> {
    while (held.nextOrdinal < nextOrdinal) {
      const [page] = await database.query<{ ordinals: Uint8Array | null; vectors: Uint8Array | null }>(
        `SELECT string_agg(int4send(ordinal), ''::bytea) AS ordinals, string_agg(embedding, ''::bytea) AS vectors
         FROM (SELECT ordinal, embedding FROM ${tableOf(this.#index)} WHERE scope = $1 AND ordinal >= $2
               ORDER BY ordinal LIMIT $3) AS page`,
        [scope, held.nextOrdinal, pageSize],
      );
      if (!page?.ordinals || !page.vectors) held.nextOrdinal = nextOrdinal;
      else {
        const ordinals = ordinalsOf(page.ordinals);
        held.index.add(ordinals, codesOf(page.vectors, this.#index));
        const next = (ordinals.at(-1) ?? 0) + 1;
        held.nextOrdinal = ordinals.length < pageSize ? Math.max(next, nextOrdinal) : next;
      }
    }
  }

  #makeRoom(): void {
    let bytes = 0;
    for (const { index } of this.#scopes.values()) bytes += index.heldBytes;
    for (const [scope, { index, borrowers }] of this.#scopes) {
      if (bytes <= this.#mostBytes) return;
      if (borrowers > 0) continue;
      bytes -= index.heldBytes;
      this.drop(scope);
    }
  }
}

function ordinalsOf(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i));
}

/** Indexes made before there were codes hold little-endian floats. */
function codesOf(bytes: Uint8Array, { storage, dimension }: VectorIndex): Codes {
  if (storage === 'codes') return decodeVectors(bytes, dimension);
  const floats = new Float32Array(new Uint8Array(bytes).buffer);
  const count = floats.length / dimension;
  const codes = new Uint8Array(count * codeBytes(dimension));
  for (let row = 0; row < count; row++)
    codes.set(
      encodeVector(floats.subarray(row * dimension, (row + 1) * dimension)),
      row * codeBytes(dimension),
    );
  return decodeVectors(codes, dimension);
}

const heldByDatabase = new WeakMap<Database, HeldCodes>();

/** What is held of an open database: archives on the same one share it. */
export function heldCodesOf(database: Database, index: VectorIndex): HeldCodes {
  const known = heldByDatabase.get(database);
  if (known?.number === index.number) return known;
  const held = new HeldCodes(index, database.cache.vectors);
  heldByDatabase.set(database, held);
  return held;
}

/** Lets go of a scope, or of all, if anything is held of the database. */
export function dropHeldCodes(database: Database, scope?: number): void {
  const held = heldByDatabase.get(database);
  if (scope === undefined) held?.dropAll();
  else held?.drop(scope);
}
