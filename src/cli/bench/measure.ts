// Timings that mean something on a shared machine: things to compare run in turns, and medians count.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

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

/** The smallest value that so large a share of the values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** Milliseconds that `run` takes. */
export async function timeMs(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Frees what JavaScript no longer needs in this thread, so that what is resident can be compared. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Pages that became free are given back by the next collection.
  collect();
  collect();
}

/** Pause before a turn: threads of the contestant before still spin for a while. */
const settlingMs = 150;
/** How long a turn is timed, at least one run. */
const turnMs = 400;

/** Median milliseconds of the runs of one turn. */
async function turn(contestant: Contestant): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, settlingMs));
  const times: number[] = [];
  for (let timed = 0; timed < turnMs;) {
    const ms = await timeMs(() => contestant.run());
    times.push(ms);
    timed += ms;
  }
  return median(times);
}

/** Median milliseconds of each contestant's turns, by name, in the order of the rounds. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

/**
 * Lets contestants take turns, so that a slow moment of the machine meets them all.
 * @param rounds turns of each one
 * @param progress called before each round
 */
export async function inTurns(
  contestants: readonly Contestant[],
  rounds: number,
  progress: (round: number) => void = () => undefined,
): Promise<Rounds> {
  for (const contestant of contestants) await contestant.run();
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    progress(round);
    for (const contestant of contestants) times.get(contestant.name)?.push(await turn(contestant));
  }
  return times;
}

/** Median over the rounds of how fast `work` was, in FLOP/s, compared with `reference` in the same round. */
export function rateRatio(rounds: Rounds, work: Contestant, reference: Contestant): number {
  const [own, other] = [work, reference].map(({ name, flops }) =>
    (rounds.get(name) ?? []).map((ms) => flops / ms),
  );
  return median((own ?? []).map((rate, i) => rate / (other?.[i] ?? NaN)));
}

/** Billions of floating-point operations per second. */
export function gflops(flops: number, ms: number): number {
  return flops / ms / 1e6;
}

/** A number with few digits, for output. */
export function rounded(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}
