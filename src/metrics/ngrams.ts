// Counting n-grams of words and characters. Knows nothing of metrics.

/** How often each n-gram occurs. */
export type NgramCounts = ReadonlyMap<string, number>;

/** Counts of the n-grams of words, written with a space between words; the words hold none. */
export function wordNgrams(words: readonly string[], n: number): NgramCounts {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= words.length; i++) {
    const ngram = n === 1 ? (words[i] ?? '') : words.slice(i, i + n).join(' ');
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

/** Counts of the n-grams of characters (code points, not UTF-16 units) for n = 1 to `maxOrder`. */
export function characterNgrams(text: string, maxOrder: number): NgramCounts[] {
  const starts = characterStarts(text);
  return Array.from({ length: maxOrder }, (_, order) => {
    const counts = new Map<string, number>();
    const n = order + 1;
    for (let i = 0; i + n < starts.length; i++) {
      const ngram = text.slice(starts[i], starts[i + n]);
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
    return counts;
  });
}

/** Where each character starts, in UTF-16 units, and where the text ends. */
function characterStarts(text: string): number[] {
  const starts = [0];
  let at = 0;
  for (const character of text) starts.push((at += character.length));
  return starts;
}

export interface Matches {
  /** N-grams of the hypothesis. */
  readonly hypothesis: number;
  /** N-grams of the reference. */
  readonly reference: number;
  /** N-grams found in both, each at most as often as in either. */
  readonly matched: number;
}

/** Clipped matches of two n-gram counts. */
export function matchNgrams(hypothesis: NgramCounts, reference: NgramCounts): Matches {
  let matched = 0;
  for (const [ngram, count] of hypothesis) matched += Math.min(count, reference.get(ngram) ?? 0);
  return { hypothesis: totalOf(hypothesis), reference: totalOf(reference), matched };
}

function totalOf(counts: NgramCounts): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}
