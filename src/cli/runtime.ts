// The runtime of a verb. Knows nothing of what runs on it.
import type { Runtime } from '../engine/runtime/runtime.js';

export interface RuntimeOptions {
  /** Default: all cores. */
  readonly threads?: number | undefined;
}

/** Runs `work` with a runtime that ends with it. */
export async function withRuntime<T>(
  { threads }: RuntimeOptions,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const { NodeRuntime } = await import('../engine/runtime/node.js');
  const runtime = new NodeRuntime(threads === undefined ? {} : { threads });
  try {
    return await work(runtime);
  } finally {
    await runtime.dispose();
  }
}
