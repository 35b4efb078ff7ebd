// 64-bit names for terms, so that an index holds numbers and an encrypted one gives nothing away. Knows nothing of texts.
import siphash from 'siphash';

/** 128 secret bits; all zero where nothing is secret. */
export type HashKey = Uint32Array;

export const openKey: HashKey = new Uint32Array(4);

function toInt64(key: HashKey, message: string): bigint {
  const { h, l } = siphash.hash(key, message);
  return BigInt.asIntN(64, (BigInt(h) << 32n) | BigInt(l));
}

/** A 64-bit keyed hash as PostgreSQL writes a `bigint`. Source: Aumasson and Bernstein, "SipHash", 2012. */
export function hash64(key: HashKey, message: string): string {
  return toInt64(key, message).toString();
}

/** A 128-bit keyed hash as PostgreSQL writes a `uuid`: two independent 64-bit hashes. */
export function hash128(key: HashKey, message: string): string {
  const halves = ['1:', '2:'].map((prefix) => BigInt.asUintN(64, toInt64(key, prefix + message)));
  const digits = halves.map((half) => half.toString(16).padStart(16, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Remembers the ids of the terms it has seen. */
export class TermIds {
  readonly #key: HashKey;
  readonly #ids = new Map<string, string>();

  constructor(key: HashKey = openKey) {
    this.#key = key;
  }

  idOf(term: string): string {
    const known = this.#ids.get(term);
    if (known !== undefined) return known;
    const id = hash64(this.#key, term);
    if (this.#ids.size >= 100_000) this.#ids.clear();
    this.#ids.set(term, id);
    return id;
  }
}
