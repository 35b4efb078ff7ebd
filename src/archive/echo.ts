// Remembers what was just recalled, so that it is not stored again when it comes back. Knows nothing of the store.
import { shinglesOf } from './near-duplicate.js';

/** Texts of one scope. */
const remembered = 256;
/** Characters of all scopes together: 4 MB of texts, and more of those that were compared. */
const mostCharacters = 2_000_000;
/** A text of whose shingles this share was recalled says nothing new. */
const echoThreshold = 0.85;

/** A recalled text; most are never compared with anything. */
class RecalledText {
  readonly length: number;
  #text: string;
  #shingles: ReadonlySet<string> | undefined;

  constructor(text: string) {
    this.length = text.length;
    this.#text = text;
  }

  get shingles(): ReadonlySet<string> {
    this.#shingles ??= shinglesOf(this.#text);
    this.#text = '';
    return this.#shingles;
  }
}

/** The texts last recalled, per scope; of many scopes those that were asked last. */
export class RecalledTexts {
  readonly #mostCharacters: number;
  readonly #byScope = new Map<number, Map<number, RecalledText>>();
  #characters = 0;

  constructor(bound = mostCharacters) {
    this.#mostCharacters = bound;
  }

  /** Of all texts that are held. */
  get characters(): number {
    return this.#characters;
  }

  note(scope: number, ordinal: number, text: string): void {
    const texts = this.#byScope.get(scope) ?? new Map<number, RecalledText>();
    this.#byScope.delete(scope);
    this.#byScope.set(scope, texts);
    this.#drop(texts, ordinal);
    texts.set(ordinal, new RecalledText(text));
    this.#characters += text.length;
    const [oldest] = texts.keys();
    if (texts.size > remembered && oldest !== undefined) this.#drop(texts, oldest);
    for (const other of this.#byScope.keys()) {
      if (this.#characters <= this.#mostCharacters || other === scope) break;
      this.forget(other);
    }
  }

  /** The ordinal of the recalled item that the text mostly repeats, if the recalled texts together cover nearly all of it. */
  sourceOf(scope: number, text: string): number | undefined {
    const texts = this.#byScope.get(scope);
    const shingles = [...shinglesOf(text)];
    if (texts === undefined || texts.size === 0 || shingles.length === 0) return undefined;
    const sets = [...texts].map(([ordinal, recalled]) => [ordinal, recalled.shingles] as const);
    const covered = shingles.filter((shingle) => sets.some(([, set]) => set.has(shingle))).length;
    if (covered / shingles.length < echoThreshold) return undefined;
    const overlap = ([, set]: readonly [number, ReadonlySet<string>]): number =>
      shingles.filter((shingle) => set.has(shingle)).length;
    return sets.reduce((best, entry) => (overlap(entry) > overlap(best) ? entry : best))[0];
  }

  forget(scope: number, ordinal?: number): void {
    const texts = this.#byScope.get(scope);
    if (texts === undefined) return;
    for (const gone of ordinal === undefined ? [...texts.keys()] : [ordinal]) this.#drop(texts, gone);
    if (texts.size === 0) this.#byScope.delete(scope);
  }

  #drop(texts: Map<number, RecalledText>, ordinal: number): void {
    this.#characters -= texts.get(ordinal)?.length ?? 0;
    texts.delete(ordinal);
  }
}
