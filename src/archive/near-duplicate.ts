// When two texts say the same in almost the same words. Knows nothing of where texts are kept.
import { mix32 } from '../core/random.js';
import { simplified } from './simplified.js';

/** Share of common shingles from which two texts count as one. */
export const sameTextThreshold = 0.85;
/** Texts of fewer words ("yes", "thanks a lot") mean something else each time. */
const minWords = 3;
/** Of the texts that share a band, only the latest are compared: reports made by one pattern are alike by thousands. */
export const comparedOfBand = 100;
const bands = 3;
const rowsPerBand = 3;

/** In one width, case and script. */
const plainForm = (text: string): string => simplified(text.normalize('NFKC').toLowerCase());

/** The words of a text, every one: function words carry tense, person and negation. Han characters count as words. */
function wordsOf(text: string): string[] {
  return plainForm(text).match(/\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}'’])+/gu) ?? [];
}

/** Words and pairs of neighbouring words. Empty for texts too short to compare. */
export function shinglesOf(text: string): ReadonlySet<string> {
  const words = wordsOf(text);
  if (words.length < minWords) return new Set();
  const pairs = words.slice(1).map((word, i) => `${words[i]} ${word}`);
  return new Set([...words, ...pairs]);
}

function hashOf(shingle: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < shingle.length; i++) hash = Math.imul(hash ^ shingle.charCodeAt(i), 0x01000193);
  return mix32(hash);
}

/** What is compared of a text. */
export interface Wording {
  readonly speaker: string | undefined;
  readonly shingles: ReadonlySet<string>;
  /** Where it differs, texts say different things however alike they look. */
  readonly telling: string;
}

export const wordingOf = (text: string, speaker?: string): Wording => ({
  speaker,
  shingles: shinglesOf(text),
  telling: tellingParts(text),
});

/**
 * Keys that texts share which one speaker said in nearly the same shingles, with the same telling parts: with a Jaccard
 * similarity of 0.9 at least one of the three is equal with probability 0.98. Source: Broder 1997 (MinHash), banded as in Leskovec et al., "Mining of Massive Datasets", 3.4.
 */
export function bandKeys({ speaker, shingles, telling }: Wording): readonly string[] {
  if (shingles.size === 0) return [];
  const said = JSON.stringify([speaker, telling]);
  const minima = new Uint32Array(bands * rowsPerBand).fill(0xffffffff);
  for (const shingle of shingles) {
    const hash = hashOf(shingle);
    for (let row = 0; row < minima.length; row++)
      minima[row] = Math.min(minima[row] ?? 0, mix32(hash ^ Math.imul(row + 1, 0x9e3779b1)));
  }
  return Array.from({ length: bands }, (_, band) => {
    const values = minima.subarray(band * rowsPerBand, (band + 1) * rowsPerBand);
    return `band ${band}: ${values.join(' ')} ${said}`;
  });
}

/** |A and B| / |A or B| */
function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const shingle of a) if (b.has(shingle)) common++;
  return common / Math.max(1, a.size + b.size - common);
}

const telling = /\p{N}+|n['’]t\b|\b(?:not?|never|none|nothing|without)\b|[不没无非未别]|[?？]/gu;

/** Numbers, negations and question marks, in order. */
function tellingParts(text: string): string {
  return (plainForm(text).match(telling) ?? []).join(' ');
}

export const saysTheSame = (a: Wording, b: Wording): boolean =>
  a.speaker === b.speaker && a.telling === b.telling && jaccard(a.shingles, b.shingles) >= sameTextThreshold;
