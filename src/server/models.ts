// Which model a request means. Knows nothing of what it is asked.
import type { ServedModel, ServerContext } from './context.js';
import { didYouMean } from '../core/nearest.js';
import { HttpError } from './http-error.js';

/** @throws {HttpError} 404 when there is no such model */
export function modelNamed(
  { models }: Pick<ServerContext, 'models'>,
  name: string | null | undefined,
): ServedModel {
  const model = name === undefined || name === null ? models[0] : models.find(({ id }) => id === name);
  if (model !== undefined) return model;
  const known = models.map(({ id }) => id);
  const hint = known.length === 0 ? ' The server was started without one.' : didYouMean(name ?? '', known);
  throw new HttpError(404, 'model_not_found', `There is no model "${(name ?? '').slice(0, 100)}".${hint}`, {
    param: 'model',
  });
}
