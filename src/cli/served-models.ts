// The models of a server: a run, an endpoint, or, without either, sentences found in memory and documents. Knows no server.
import type { ServedModel } from '../server/context.js';

/** Runs `work` with the models that were asked for. */
export async function withServedModels<T>(work: (models: readonly ServedModel[]) => Promise<T>): Promise<T> {
  const { extractiveGenerator } = await import('../tasks/chat/index.js');
  return work([{ id: 'extractive', generator: extractiveGenerator() }]);
}
