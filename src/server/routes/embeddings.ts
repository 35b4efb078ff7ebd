// `/v1/embeddings`: vectors of texts, in OpenAI's format.
import type { ServerApp, ServerContext } from '../context.js';
import { estimateTokens } from '../../archive/tokens.js';
import { didYouMean } from '../../core/nearest.js';
import { HttpError } from '../http-error.js';
import { addRoute } from '../route.js';
import { embeddingsRequestSchema, embeddingsResponseSchema } from '../schemas/models.js';

export function addEmbeddingsRoute(app: ServerApp, context: ServerContext): void {
  const { embedder } = context;
  addRoute(
    app,
    context,
    {
      method: 'post',
      path: '/v1/embeddings',
      tag: 'OpenAI',
      summary: 'Turns texts into vectors of length 1.',
      body: embeddingsRequestSchema,
      answer: embeddingsResponseSchema,
    },
    async ({ body }) => {
      if (embedder === undefined)
        throw new HttpError(
          404,
          'model_not_found',
          'The server has no embedder. Start it with --embedder MODEL.',
          {
            param: 'model',
          },
        );
      const { model, dimensions, encoding_format: format } = body;
      if (typeof model === 'string' && model !== embedder.name)
        throw new HttpError(
          404,
          'model_not_found',
          `There is no embedding model "${model.slice(0, 100)}".${didYouMean(model, [embedder.name])}`,
          { param: 'model' },
        );
      if (typeof dimensions === 'number' && dimensions !== embedder.dimension)
        throw new HttpError(
          400,
          'unsupported_parameter',
          `Vectors of "${embedder.name}" have ${embedder.dimension} numbers, not ${dimensions}. Leave "dimensions" out.`,
          { param: 'dimensions' },
        );
      const texts = typeof body.input === 'string' ? [body.input] : body.input;
      const vectors = await embedder.embed(texts, body.mneme?.role ?? 'passage');
      const tokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
      return {
        object: 'list' as const,
        data: vectors.map((vector, index) => ({
          object: 'embedding' as const,
          index,
          embedding: format === 'base64' ? base64Of(vector) : [...vector],
        })),
        model: embedder.name,
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      };
    },
  );
}

/** The numbers as little-endian float32. */
function base64Of(vector: Float32Array): string {
  const bytes = new Uint8Array(4 * vector.length);
  const view = new DataView(bytes.buffer);
  vector.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
