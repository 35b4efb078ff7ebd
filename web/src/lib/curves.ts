// Turns the records of a run into columns that a chart draws. Knows nothing of how they are drawn.
import type { MetricsRecord } from '../../../src/server/wire.js';

/** Steps, then one column a name; `null` where a record has no such number. */
export interface Columns {
  readonly steps: readonly number[];
  readonly columns: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

/** Losses that are shown, the first ones first. What a record holds beside them is in the table of the last record. */
const losses = /loss$/i;

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/**
 * A column for each name that `wanted` takes and that is a number in some record. Records of the same step (training,
 * then evaluation) become one row; a run that went back to a step goes on from it.
 */
export function columnsOf(
  records: readonly MetricsRecord[],
  wanted: (name: string) => boolean = (name) => losses.test(name),
): Columns {
  const rows = new Map<number, Map<string, number>>();
  const names = new Set<string>();
  for (const record of records) {
    const row = rows.get(record.step) ?? new Map<string, number>();
    for (const [name, value] of Object.entries(record)) {
      const number = numberOf(value);
      if (name === 'step' || number === null || !wanted(name)) continue;
      row.set(name, number);
      names.add(name);
    }
    rows.set(record.step, row);
  }
  const ordered = [...rows].sort(([a], [b]) => a - b);
  return {
    steps: ordered.map(([step]) => step),
    columns: [...names].map((name) => ({ name, values: ordered.map(([, row]) => row.get(name) ?? null) })),
  };
}

/** The latest value of each name over all records. */
export function latestOf(records: readonly MetricsRecord[]): ReadonlyMap<string, number | string | boolean> {
  const latest = new Map<string, number | string | boolean>();
  for (const record of records)
    for (const [name, value] of Object.entries(record)) if (value !== null) latest.set(name, value);
  return latest;
}

/** A moving average over steps, as TensorBoard's: each value counts `1 - weight` against those before it. */
export function smoothed(values: readonly (number | null)[], weight: number): readonly (number | null)[] {
  let average: number | undefined;
  return values.map((value) => {
    if (value === null) return null;
    average = average === undefined ? value : weight * average + (1 - weight) * value;
    return average;
  });
}
