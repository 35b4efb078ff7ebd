// Ranks texts by how much they have in common with the others. Knows nothing of sentences or summaries.

/** How often each term occurs in a text. */
export type TermCounts = ReadonlyMap<string, number>;

/** The chance that the walk goes on along an edge. Source: Brin and Page 1998. */
const damping = 0.85;
const mostSteps = 200;
const precision = 1e-10;

/** Similarity of two texts by their numbers, in [0, 1]. */
export type Similarity = (i: number, j: number) => number;

/** Cosine of vectors of tf * log(1 + n / df). Terms that all texts have still count a little. */
export function cosineSimilarity(texts: readonly TermCounts[]): Similarity {
  const documents = new Map<string, number>();
  for (const terms of texts)
    for (const term of terms.keys()) documents.set(term, (documents.get(term) ?? 0) + 1);
  const vectors = texts.map((terms) => {
    const weights = Array.from(terms, ([term, count]): [string, number] => [
      term,
      count * Math.log(1 + texts.length / (documents.get(term) ?? 1)),
    ]);
    const norm = Math.hypot(...weights.map(([, weight]) => weight));
    return new Map(weights.map(([term, weight]) => [term, weight / norm]));
  });
  return (i, j) => {
    const [a, b] = [vectors[i], vectors[j]];
    if (a === undefined || b === undefined) return 0;
    const [short, long] = a.size < b.size ? [a, b] : [b, a];
    let product = 0;
    for (const [term, weight] of short) product += weight * (long.get(term) ?? 0);
    return product;
  };
}

/**
 * How often a random walk visits each text: it goes to a text in proportion to the similarity, now and then to any by `prior`. Scores
 * sum to 1. Source: Mihalcea and Tarau 2004, "TextRank", with the cosine similarity of LexRank (Erkan and Radev 2004).
 *
 * @param prior how likely each text is before the others are looked at; positive, need not sum to 1
 */
export function textRank(similarity: Similarity, prior: readonly number[]): number[] {
  const total = prior.reduce((sum, value) => sum + value, 0);
  const start = prior.map((value) => value / total);
  const weights = start.map((_, i) => start.map((_, j) => (i === j ? 0 : similarity(i, j))));
  const sums = weights.map((row) => row.reduce((sum, weight) => sum + weight, 0));
  let scores = start;
  for (let step = 0; step < mostSteps; step++) {
    const next = start.map((value) => (1 - damping) * value);
    scores.forEach((score, from) => {
      const sum = sums[from] ?? 0;
      // A text that has nothing in common with any other sends the walk anywhere.
      const row = sum > 0 ? weights[from] : start;
      next.forEach((_, to) => {
        next[to] = (next[to] ?? 0) + (damping * score * (row?.[to] ?? 0)) / (sum > 0 ? sum : 1);
      });
    });
    const change = next.reduce((sum, score, i) => sum + Math.abs(score - (scores[i] ?? 0)), 0);
    scores = next;
    if (change < precision) break;
  }
  return scores;
}
