// Lets model code show tensors that are worth looking at, to whoever asks. Costs nothing while nobody does.
import type { Tensor } from './graph.js';
import { currentScope } from './graph.js';

let observed: Map<string, Tensor> | undefined;

/** Whether somebody asks. Model code may then compute in a form that has something to show. */
export function isObserved(): boolean {
  return observed !== undefined;
}

/**
 * Shows a tensor under the path of the current layer, such as `blocks.0.memory.attention`.
 * Inside of a loop's body nothing can be shown: return it as one of the loop's outputs and show that.
 */
export function observe(name: string, tensor: Tensor): void {
  if (observed === undefined) return;
  const path = [currentScope(), name].filter((part) => part !== '').join('.');
  observed.set(path, tensor);
}

/** Runs model code and returns, beside its result, every tensor that it showed, by path. */
export function observing<T>(f: () => T): {
  readonly result: T;
  readonly observed: ReadonlyMap<string, Tensor>;
} {
  const found = new Map<string, Tensor>();
  return { result: within(found, f), observed: found };
}

/** Runs code whose tensors do not exist outside of it: nobody observes them. */
export function unobserved<T>(f: () => T): T {
  return within(undefined, f);
}

function within<T>(collector: Map<string, Tensor> | undefined, f: () => T): T {
  const before = observed;
  observed = collector;
  try {
    return f();
  } finally {
    observed = before;
  }
}
