// The traits of one user's items in memory: 25 bytes an item and its names once. Knows nothing of databases.
import type { ItemKind } from '../types.js';
import { itemKinds } from '../types.js';
import type { ItemTraits, PlacedTraits, RareTraits } from './item-traits.js';
import { nothingRare } from './item-traits.js';

const rareBytes = 120;

const isUsual = (item: RareTraits): boolean =>
  !item.isRetired && item.expiresMs === null && item.supersededMs === null && item.eventFromMs === null;

/** Numbers for texts that many items share. */
class Names {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  bytes = 0;

  numberOf(name: string | null): number {
    if (name === null) return none;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#names.length;
    this.#names.push(name);
    this.#numbers.set(name, number);
    this.bytes += 100 + 2 * name.length;
    return number;
  }

  at(number: number): string | null {
    return this.#names[number] ?? null;
  }
}

/** Stands for an absent document, turn, session or speaker; the others count from 0. */
const none = -1;

function numberAt(values: Int32Array, ordinal: number): number | null {
  const value = values[ordinal] ?? none;
  return value === none ? null : value;
}

/** One more than the position in `itemKinds`. */
const kindNumber = (kind: ItemKind): number => 1 + itemKinds.indexOf(kind);
const factKind = kindNumber('fact');

/** By ordinal; what was never set is absent. */
export class HeldTraits {
  readonly #scope: number;
  /** `kindNumber`; 0 for an absent item. */
  #kinds = new Uint8Array(0);
  #sessions = new Int32Array(0);
  #documents = new Int32Array(0);
  #turns = new Int32Array(0);
  #speakers = new Int32Array(0);
  #moments = new Float64Array(0);
  readonly #names = new Names();
  readonly #rare = new Map<number, RareTraits>();

  constructor(scope: number) {
    this.#scope = scope;
  }

  get heldBytes(): number {
    const columns = [
      this.#kinds,
      this.#sessions,
      this.#documents,
      this.#turns,
      this.#speakers,
      this.#moments,
    ];
    const bytes = columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return bytes + this.#names.bytes + rareBytes * this.#rare.size;
  }

  set(item: ItemTraits): void {
    const { ordinal } = item;
    if (ordinal >= this.#kinds.length) this.#makeRoom(ordinal + 1);
    this.#kinds[ordinal] = kindNumber(item.kind);
    this.#sessions[ordinal] = this.#names.numberOf(item.session);
    this.#documents[ordinal] = item.document ?? none;
    this.#turns[ordinal] = item.turn ?? none;
    this.#speakers[ordinal] = this.#names.numberOf(item.speaker);
    this.#moments[ordinal] = item.occurredMs;
    const { isRetired, expiresMs, supersededMs, eventFromMs, eventToMs } = item;
    if (isUsual(item)) this.#rare.delete(ordinal);
    else this.#rare.set(ordinal, { isRetired, expiresMs, supersededMs, eventFromMs, eventToMs });
  }

  at(ordinal: number): PlacedTraits | undefined {
    const kind: ItemKind | undefined = itemKinds[(this.#kinds[ordinal] ?? 0) - 1];
    if (kind === undefined) return undefined;
    const rare = this.#rare.get(ordinal) ?? nothingRare;
    // Named one by one: spread, they take several times as long, and a question looks at some hundred items.
    return {
      scope: this.#scope,
      ordinal,
      kind,
      isRetired: rare.isRetired,
      session: this.#names.at(this.#sessions[ordinal] ?? none),
      document: numberAt(this.#documents, ordinal),
      turn: numberAt(this.#turns, ordinal),
      speaker: this.#names.at(this.#speakers[ordinal] ?? none),
      occurredMs: this.#moments[ordinal] ?? 0,
      expiresMs: rare.expiresMs,
      supersededMs: rare.supersededMs,
      eventFromMs: rare.eventFromMs,
      eventToMs: rare.eventToMs,
    };
  }

  isFact(ordinal: number): boolean {
    return this.#kinds[ordinal] === factKind;
  }

  #makeRoom(count: number): void {
    const size = Math.max(count, Math.ceil(1.5 * this.#kinds.length), 64);
    const grown = <Values extends Uint8Array | Int32Array | Float64Array>(
      values: Values,
      to: Values,
    ): Values => {
      to.set(values);
      return to;
    };
    this.#kinds = grown(this.#kinds, new Uint8Array(size));
    this.#sessions = grown(this.#sessions, new Int32Array(size));
    this.#documents = grown(this.#documents, new Int32Array(size));
    this.#turns = grown(this.#turns, new Int32Array(size));
    this.#speakers = grown(this.#speakers, new Int32Array(size));
    this.#moments = grown(this.#moments, new Float64Array(size));
  }
}
