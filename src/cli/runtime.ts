// The runtime of a verb. Knows nothing of what runs on it.
import type { Runtime } from '../engine/runtime/runtime.js';

export interface RuntimeOptions {
  /** Default: all cores. */
  readonly threads?: number | undefined;
  /** Default: `cpu`. */
  readonly provider?: 'cpu' | 'webgpu' | undefined;
}

/** Runs `work` with a runtime that ends with it. */
export async function withRuntime<T>(
  { threads, provider = 'cpu' }: RuntimeOptions,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const { NodeRuntime } = await import('../engine/runtime/node.js');
  const runtime = new NodeRuntime({ provider, ...(threads === undefined ? {} : { threads }) });
  try {
    return await work(runtime);
  } finally {
    await runtime.dispose();
  }
}
