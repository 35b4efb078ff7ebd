// Keeps one long session from filling all results. Knows nothing of how scores came about.

/** Each earlier result of the same session takes this share of a score. */
export const sessionPenalty = 0.99;

export interface Selected<Item> {
  readonly item: Item;
  /** The score after the penalty. */
  readonly score: number;
  /** sessionPenalty to the power of the results before it of the same session. */
  readonly diversity: number;
}

/** Picks the best again and again, with scores lowered for sessions that were picked before. */
export function selectDiverse<Item>(
  scores: ReadonlyMap<Item, number>,
  sessionOf: (item: Item) => string | undefined,
  count: number,
): readonly Selected<Item>[] {
  const waiting = [...scores].sort(([, a], [, b]) => b - a);
  const seen = new Map<string, number>();
  const selected: Selected<Item>[] = [];
  while (selected.length < count && waiting.length > 0) {
    let best = 0;
    let bestScore = -1;
    let bestDiversity = 1;
    for (const [i, [item, score]] of waiting.entries()) {
      if (score <= bestScore) break;
      const diversity = sessionPenalty ** (seen.get(sessionOf(item) ?? '') ?? 0);
      if (score * diversity > bestScore) [best, bestScore, bestDiversity] = [i, score * diversity, diversity];
    }
    const [[item]] = waiting.splice(best, 1) as [[Item, number]];
    const session = sessionOf(item);
    if (session !== undefined) seen.set(session, (seen.get(session) ?? 0) + 1);
    selected.push({ item, score: bestScore, diversity: bestDiversity });
  }
  return selected;
}
