// Remembers what was just recalled, so that it is not stored again when it comes back. Knows nothing of the store.
import { shinglesOf } from './near-duplicate.js';
import type { ItemId } from './types.js';

const remembered = 256;
/** A text of whose shingles this share was recalled says nothing new. */
const echoThreshold = 0.85;

/** The texts last recalled, per scope. */
export class RecalledTexts {
  readonly #byScope = new Map<number, Map<ItemId, ReadonlySet<string>>>();

  note(scope: number, id: ItemId, text: string): void {
    const texts = this.#byScope.get(scope) ?? new Map<ItemId, ReadonlySet<string>>();
    this.#byScope.set(scope, texts);
    texts.delete(id);
    texts.set(id, shinglesOf(text));
    const [oldest] = texts.keys();
    if (texts.size > remembered && oldest !== undefined) texts.delete(oldest);
  }

  /** The recalled item that the text mostly repeats, if the recalled texts together cover nearly all of it. */
  sourceOf(scope: number, text: string): ItemId | undefined {
    const texts = this.#byScope.get(scope);
    const shingles = [...shinglesOf(text)];
    if (texts === undefined || shingles.length === 0) return undefined;
    const covered = shingles.filter((shingle) => [...texts.values()].some((set) => set.has(shingle))).length;
    if (covered / shingles.length < echoThreshold) return undefined;
    const overlap = ([, set]: readonly [ItemId, ReadonlySet<string>]): number =>
      shingles.filter((shingle) => set.has(shingle)).length;
    return [...texts].reduce((best, entry) => (overlap(entry) > overlap(best) ? entry : best))[0];
  }

  forget(scope: number, id?: ItemId): void {
    if (id === undefined) this.#byScope.delete(scope);
    else this.#byScope.get(scope)?.delete(id);
  }
}
