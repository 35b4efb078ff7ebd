// Recall at a depth: which share of the wanted is among the first found. Knows nothing of where rankings come from.

export const depths = [5, 10, 20] as const;

export interface RecallFigures {
  readonly 'recall@5': number;
  readonly 'recall@10': number;
  readonly 'recall@20': number;
}

/** Mean over questions of |wanted among the first k| / |wanted|. */
export class RecallMeter {
  readonly #sums = new Map<number, number>(depths.map((depth) => [depth, 0]));
  #questions = 0;

  add(ranking: readonly string[], wanted: readonly string[]): void {
    this.#questions++;
    for (const depth of depths) {
      const found = new Set(ranking.slice(0, depth));
      const share = wanted.filter((id) => found.has(id)).length / wanted.length;
      this.#sums.set(depth, (this.#sums.get(depth) ?? 0) + share);
    }
  }

  figures(): RecallFigures {
    const at = (depth: number): number =>
      Math.round((1000 * (this.#sums.get(depth) ?? 0)) / Math.max(1, this.#questions)) / 1000;
    return { 'recall@5': at(5), 'recall@10': at(10), 'recall@20': at(20) };
  }
}
