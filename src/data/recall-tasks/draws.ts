// Draws without replacement from a random stream. Knows nothing of tasks.
import type { Random } from '../../core/random.js';

/** `count` different integers of [from, to), in the order drawn. There must be that many. */
export function distinctIntegers(random: Random, count: number, from: number, to: number): number[] {
  const drawn = new Set<number>();
  // Towards the end of a small range most draws would be repeats: shuffle all of it.
  if (2 * count > to - from) {
    const all = Array.from({ length: to - from }, (_, i) => from + i);
    return random.shuffle(all).slice(0, count);
  }
  while (drawn.size < count) drawn.add(from + random.integer(to - from));
  return [...drawn];
}

/**
 * `count` different indices, each next one drawn with probability proportional to its weight among those that are left, in
 * the order drawn. An index waits for an exponential time of its rate; the first to come are the first drawn
 * (Efraimidis and Spirakis 2006).
 */
export function weightedIndices(random: Random, count: number, weights: readonly number[]): number[] {
  return weights
    .map((weight, index) => ({ index, time: -Math.log(1 - random.uniform()) / weight }))
    .sort((a, b) => a.time - b.time)
    .slice(0, count)
    .map(({ index }) => index);
}
