// What the clocks of a time zone show at a moment, and when they show it. Knows nothing of date expressions.
import { DataError } from '../../core/errors.js';

/** Dates and times of one zone, as dates whose UTC fields are what is shown there. */
export interface Clock {
  readonly shown: (moment: Date) => Date;
  /** Of a time that is shown twice, the first moment; of one that is passed over, the moment of the leap. */
  readonly momentOf: (shown: Date) => Date;
}

const utc: Clock = { shown: (moment) => moment, momentOf: (shown) => shown };
const dayMs = 86_400_000;

function clockBy(format: Intl.DateTimeFormat): Clock {
  const shown = (moment: Date): Date => {
    const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const date = new Date(0);
    date.setUTCFullYear(part('year'), part('month') - 1, part('day'));
    date.setUTCHours(part('hour'), part('minute'), part('second'), moment.getUTCMilliseconds());
    return date;
  };
  /** What the clock is ahead of UTC. */
  const aheadAt = (time: number): number => shown(new Date(time)).getTime() - time;
  const momentOf = (wanted: Date): Date => {
    const time = wanted.getTime();
    const [before, after] = [aheadAt(time - dayMs), aheadAt(time + dayMs)];
    const moments = [time - before, time - after].sort((a, b) => a - b);
    const found = moments.find((moment) => moment + aheadAt(moment) === time);
    return new Date(found ?? time - before);
  };
  return { shown, momentOf };
}

const clocks = new Map([['UTC', utc]]);

/** The zone of this computer, or of the environment variable TZ. */
export const localTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @throws {DataError} when there is no such zone */
export function checkTimeZone(timeZone: string): string {
  clockOf(timeZone);
  return timeZone;
}

/**
 * @param timeZone a name of the IANA database: `Asia/Shanghai`, `UTC`
 * @throws {DataError} when there is no such zone
 */
export function clockOf(timeZone: string): Clock {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  try {
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
    const time = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const;
    const clock = clockBy(new Intl.DateTimeFormat('en-US', { timeZone, ...numeric, ...time }));
    clocks.set(timeZone, clock);
    return clock;
  } catch (cause) {
    throw new DataError(
      `There is no time zone "${timeZone}". Give a name such as Asia/Shanghai, Europe/Paris or UTC.`,
      { fields: { timeZone }, cause },
    );
  }
}
