// A map that holds what was set last, within a number of entries and of bytes. Knows nothing of what it holds.

export interface Bounds {
  readonly entries: number;
  /** As those who set entries count them. */
  readonly bytes?: number;
}

interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** What was set longest ago goes first. */
export class BoundedMap<Value> {
  readonly #bounds: Required<Bounds>;
  readonly #entries = new Map<string, Entry<Value>>();
  #bytes = 0;

  constructor({ entries, bytes = Infinity }: Bounds) {
    this.#bounds = { entries, bytes };
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Of all entries. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** An entry that is larger than all together may be is not held. */
  set(key: string, value: Value, bytes = 0): void {
    this.delete(key);
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#bounds.entries && this.#bytes <= this.#bounds.bytes) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }

  deleteWhere(isMeant: (key: string, value: Value) => boolean): void {
    for (const [key, { value }] of this.#entries) if (isMeant(key, value)) this.delete(key);
  }
}
