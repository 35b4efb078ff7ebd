// The files and the runtime that one-line functions use where none are given. Knows no task.
import type { Files } from '../core/files.js';
import type { Runtime } from '../engine/runtime/runtime.js';

export interface Surroundings {
  readonly files: Files;
  readonly runtime: Runtime;
}

/** Does `work` with what is given, and with the disk and the processor of this computer for the rest. A runtime made here ends with the work. */
export async function withSurroundings<T>(
  given: Partial<Surroundings>,
  work: (surroundings: Surroundings) => Promise<T>,
): Promise<T> {
  const files = given.files ?? (await import('../core/files.node.js')).files;
  if (given.runtime !== undefined) return work({ files, runtime: given.runtime });
  const { NodeRuntime } = await import('../engine/runtime/node.js');
  const runtime = new NodeRuntime();
  try {
    return await work({ files, runtime });
  } finally {
    await runtime.dispose();
  }
}
