// The name under which a server offers its model. Knows no server.
import type { GeneratorFlags } from './chat/generator.js';
import { endpointOf } from './chat/generator.js';

/** An endpoint's own name for it, the name of a run's folder, or what answers without either. */
export function modelName(run: string | undefined, { model }: GeneratorFlags): string {
  if (model !== undefined) return endpointOf(model).model;
  return run === undefined ? 'extractive' : (run.split('/').findLast((part) => part !== '') ?? run);
}
