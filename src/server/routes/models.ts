// `/v1/models`: what can be asked, in OpenAI's format.
import type { ServerApp, ServerContext } from '../context.js';
import type { Model } from '../schemas/models.js';
import { z } from '@hono/zod-openapi';
import { HttpError } from '../http-error.js';
import { addRoute } from '../route.js';
import { modelSchema, modelsResponseSchema } from '../schemas/models.js';

export function addModelsRoutes(app: ServerApp, context: ServerContext): void {
  const created = Math.floor(context.now().getTime() / 1000);
  const models = modelsOf(context, created);
  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/models',
      tag: 'OpenAI',
      summary: 'Lists the models; the first is meant where none is named.',
      answer: modelsResponseSchema,
    },
    async () => ({ object: 'list' as const, data: models }),
  );
  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/models/{id}',
      tag: 'OpenAI',
      summary: 'Says what a model is.',
      parameters: z.object({ id: z.string() }),
      answer: modelSchema,
    },
    async ({ parameters: { id } }) => {
      const found = models.find((model) => model.id === id);
      if (found !== undefined) return found;
      throw new HttpError(
        404,
        'model_not_found',
        `There is no model "${id.slice(0, 100)}". GET /v1/models lists them.`,
      );
    },
  );
}

function modelsOf({ models, embedder }: ServerContext, created: number): readonly Model[] {
  const model = (id: string, mneme: Model['mneme']): Model => ({
    id,
    object: 'model',
    created,
    owned_by: 'mneme',
    mneme,
  });
  return [
    ...models.map(({ id, generator }) =>
      model(id, { kind: 'chat', maxTokens: generator.maxTokens, estimated: !generator.exact }),
    ),
    ...(embedder === undefined
      ? []
      : [model(embedder.name, { kind: 'embedding', dimension: embedder.dimension })]),
  ];
}
