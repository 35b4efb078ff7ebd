// What `mneme bench recall` found: what it prints as JSON and shows on its page.
import type { CreatedRecallTask } from '../../../tasks/recall/create-recall-task.js';
import type { RecallResult } from '../../../tasks/recall/measure-recall.js';

/** Results, and the choices by which they can be had again. */
export interface RecallReport extends Pick<CreatedRecallTask, 'sizes'> {
  readonly task: string;
  readonly layers: number;
  readonly heads: number;
  readonly learningRates: readonly number[];
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly batchSize: number;
  readonly seconds: number;
  /** Whether Ctrl-C ended it: then memories are missing, and the last one was not trained to its end. */
  readonly interrupted: boolean;
  readonly results: readonly RecallResult[];
}

/** The same memory at several widths is told apart by its width. */
export function labelOf({ memory, width }: RecallResult, { results }: RecallReport): string {
  return new Set(results.map((result) => result.width)).size === 1 ? memory : `${memory} ${width}`;
}

/** The task with its sizes, and the model that is around each memory. */
export function titleOf({ task, sizes, layers, heads }: RecallReport): string {
  const parts = Object.entries(sizes).map(([name, size]) => `${name} ${size}`);
  return `${[task, ...parts].join(', ')}; ${layers} layers, ${heads} ${heads === 1 ? 'head' : 'heads'}`;
}
