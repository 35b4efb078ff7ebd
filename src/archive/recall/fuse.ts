// Reciprocal rank fusion: one ranking out of several. Knows nothing of what they rank by.

/**
 * Score(item) = sum over rankings of 1 / (60 + rank), rank counted from 1. What only one ranking knows still counts.
 * Source: Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion outperforms Condorcet", SIGIR 2009.
 */
export const rankConstant = 60;

export function fuseRanks<Item>(rankings: readonly (readonly Item[])[]): Map<Item, number> {
  const scores = new Map<Item, number>();
  for (const ranking of rankings)
    for (const [i, item] of ranking.entries())
      scores.set(item, (scores.get(item) ?? 0) + 1 / (rankConstant + i + 1));
  return scores;
}
