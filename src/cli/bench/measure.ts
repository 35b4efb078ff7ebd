// Timings that mean something on a shared machine: things to compare run in turns, and medians count.

/** Something to time: one run of it, and what it computes. */
export interface Contestant {
  readonly name: string;
  /** Floating-point operations of one run. */
  readonly flops: number;
  run(): Promise<unknown>;
}

/** The middle of a list of numbers; the mean of the two middles when their count is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** Milliseconds that `run` takes. */
export async function timeMs(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/**
 * Median milliseconds of each contestant, by name. They take turns, so that a slow moment of the machine meets them all.
 * @param rounds how often each one runs
 * @param progress called before each round
 */
export async function inTurns(
  contestants: readonly Contestant[],
  rounds: number,
  progress: (round: number) => void = () => undefined,
): Promise<Map<string, number>> {
  for (const contestant of contestants) for (let i = 0; i < 2; i++) await contestant.run();
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    progress(round);
    for (const contestant of contestants)
      times.get(contestant.name)?.push(await timeMs(() => contestant.run()));
  }
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

/** Billions of floating-point operations per second. */
export function gflops(flops: number, ms: number): number {
  return flops / ms / 1e6;
}

/** A number with few digits, for output. */
export function rounded(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}
