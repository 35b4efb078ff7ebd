// Reciprocal rank fusion: one ranking out of several. Knows nothing of what they rank by.

/** A list, best first, and how much its ranks count. */
export interface Ranking<Item> {
  readonly items: readonly Item[];
  readonly weight: number;
}

/**
 * Score(item) = sum over rankings of weight / (20 + rank), rank counted from 1. What only one ranking knows still counts.
 * Source: Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion outperforms Condorcet", SIGIR 2009, which takes 60: with two
 * or three rankings, instead of dozens, the first ranks should count for more. Found on LoCoMo; 10 to 30 do as well.
 */
export const rankConstant = 20;

export function fuseRanks<Item>(rankings: readonly Ranking<Item>[]): Map<Item, number> {
  const scores = new Map<Item, number>();
  for (const { items, weight } of rankings)
    for (const [i, item] of items.entries())
      scores.set(item, (scores.get(item) ?? 0) + weight / (rankConstant + i + 1));
  return scores;
}
