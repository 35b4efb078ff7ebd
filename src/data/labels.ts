// Labels of examples: which there are, how often, and how to part examples so that all parts have them alike. Knows no task.
import { ConfigError, DataError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { Random } from '../core/random.js';

/** One label among all. */
export interface ClassShare {
  readonly label: string;
  readonly count: number;
  /** In [0, 1]. */
  readonly share: number;
}

/** How often each label occurs, the most frequent first, then in the order of their names. */
export function classBalance(labels: readonly string[]): ClassShare[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([label, count]) => ({ label, count, share: count / labels.length }));
}

/** The labels a model knows, in the order of their numbers. */
export class LabelSet {
  readonly labels: readonly string[];
  private readonly indices: ReadonlyMap<string, number>;

  /** @throws {ConfigError} when there are fewer than two, or one stands twice */
  constructor(labels: readonly string[]) {
    this.labels = labels;
    this.indices = new Map(labels.map((label, index) => [label, index]));
    if (labels.length >= 2 && this.indices.size === labels.length) return;
    throw new ConfigError(
      `The labels are ${labels.map((label) => JSON.stringify(label)).join(', ') || 'none'}. Give at least two different ones.`,
    );
  }

  /** The labels that occur, in the order of their names. */
  static of(labels: Iterable<string>): LabelSet {
    return new LabelSet([...new Set(labels)].sort());
  }

  /**
   * @param where says where the label stands, such as `line 7 of "test.csv"`
   * @param line the same as a number
   * @throws {DataError} when training never saw the label
   */
  indexOf(label: string, where: string, line?: number): number {
    const index = this.indices.get(label);
    if (index !== undefined) return index;
    throw new DataError(
      `The label ${JSON.stringify(label)} in ${where} was never seen in training.${didYouMean(label, this.labels)}`,
      { fields: { label, where, line, known: this.labels } },
    );
  }
}

/** Positions of examples, in ascending order. */
export interface StratifiedSplit {
  readonly train: readonly number[];
  readonly held: readonly number[];
}

/**
 * Holds out `fraction` of the examples, of every label as nearly the same fraction as whole numbers allow, drawn by the seed. The remainders
 * decide which labels give one more, so that `held` has round(count * fraction) examples; no label loses its last example.
 *
 * @throws {ConfigError} when the fraction is not in [0, 1)
 */
export function stratifiedSplit(labels: readonly string[], fraction: number, seed: number): StratifiedSplit {
  if (!(fraction >= 0 && fraction < 1)) {
    throw new ConfigError(`The fraction to hold out is ${fraction}. Give a number from 0 to below 1.`);
  }
  const places = new Map<string, number[]>();
  for (const [i, label] of labels.entries()) {
    const members = places.get(label);
    if (members === undefined) places.set(label, [i]);
    else members.push(i);
  }
  const classes = [...places].sort(([a], [b]) => (a < b ? -1 : 1));
  const quotas = quotasOf(
    classes.map(([, members]) => members.length),
    fraction,
  );
  const random = Random.fromSeed(seed);
  const held = classes.flatMap(([label, members], i) =>
    random.split(label).shuffle(members).slice(0, quotas[i]),
  );
  const isHeld = new Set(held);
  const train = labels.flatMap((_, i) => (isHeld.has(i) ? [] : [i]));
  return { train, held: held.sort((a, b) => a - b) };
}

/** How many of each class to hold out: by largest remainders (Hamilton's method). */
function quotasOf(sizes: readonly number[], fraction: number): number[] {
  const total = Math.round(sizes.reduce((sum, size) => sum + size, 0) * fraction);
  const quotas = sizes.map((size) => Math.min(Math.floor(size * fraction), size - 1));
  const byRemainder = sizes
    .map((size, i) => ({ i, remainder: size * fraction - (quotas[i] ?? 0) }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  let missing = total - quotas.reduce((sum, quota) => sum + quota, 0);
  for (const { i } of byRemainder) {
    if (missing <= 0 || (quotas[i] ?? 0) + 1 >= (sizes[i] ?? 0)) continue;
    quotas[i] = (quotas[i] ?? 0) + 1;
    missing--;
  }
  return quotas;
}
