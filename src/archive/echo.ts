// Remembers what was just recalled, so that it is not stored again when it comes back. Knows nothing of the store.
import { shinglesOf } from './near-duplicate.js';

const remembered = 256;
/** A text of whose shingles this share was recalled says nothing new. */
const echoThreshold = 0.85;

/** The texts last recalled, per scope. */
export class RecalledTexts {
  readonly #byScope = new Map<number, Map<number, ReadonlySet<string>>>();

  note(scope: number, ordinal: number, text: string): void {
    const texts = this.#byScope.get(scope) ?? new Map<number, ReadonlySet<string>>();
    this.#byScope.set(scope, texts);
    texts.delete(ordinal);
    texts.set(ordinal, shinglesOf(text));
    const [oldest] = texts.keys();
    if (texts.size > remembered && oldest !== undefined) texts.delete(oldest);
  }

  /** The ordinal of the recalled item that the text mostly repeats, if the recalled texts together cover nearly all of it. */
  sourceOf(scope: number, text: string): number | undefined {
    const texts = this.#byScope.get(scope);
    const shingles = [...shinglesOf(text)];
    if (texts === undefined || shingles.length === 0) return undefined;
    const covered = shingles.filter((shingle) => [...texts.values()].some((set) => set.has(shingle))).length;
    if (covered / shingles.length < echoThreshold) return undefined;
    const overlap = ([, set]: readonly [number, ReadonlySet<string>]): number =>
      shingles.filter((shingle) => set.has(shingle)).length;
    return [...texts].reduce((best, entry) => (overlap(entry) > overlap(best) ? entry : best))[0];
  }

  forget(scope: number, ordinal?: number): void {
    if (ordinal === undefined) this.#byScope.delete(scope);
    else this.#byScope.get(scope)?.delete(ordinal);
  }
}
