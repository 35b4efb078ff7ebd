// Gathers the entries of a history into the operations they belong to. Knows no words.
import type { HistoryEntry } from './memory.svelte.js';

export interface Operation {
  readonly operation: number;
  readonly at: string;
  /** What was done, each once, in the order it was done. */
  readonly actions: readonly string[];
  /** What it was done to, each once. */
  readonly ids: readonly string[];
}

/** The newest first, as the entries are. */
export function operationsOf(entries: readonly HistoryEntry[]): readonly Operation[] {
  const operations = new Map<number, HistoryEntry[]>();
  for (const entry of entries)
    operations.set(entry.operation, [...(operations.get(entry.operation) ?? []), entry]);
  return [...operations].map(([operation, changes]) => ({
    operation,
    at: changes[0]?.at ?? '',
    actions: [...new Set(changes.map(({ action }) => action).reverse())],
    ids: [...new Set(changes.map(({ id }) => id))],
  }));
}
