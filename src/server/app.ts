// The server as a function from a request to a response. Knows no port; listen.ts gives it one.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ServerApp, ServerContext, ServerEnv } from './context.js';
import { messageOf } from '../core/errors.js';
import { guard } from './guard.js';
import { answerTo, errorResponse, HttpError } from './http-error.js';
import { pageResponse, securityHeaders } from './page.js';
import { addChatRoute } from './routes/chat.js';
import { addCompletionsRoute } from './routes/completions.js';
import { addEmbeddingsRoute } from './routes/embeddings.js';
import { addHealthRoutes, addMetricsRoute } from './routes/health.js';
import { addItemRoutes } from './routes/items.js';
import { addMcpRoute } from './routes/mcp.js';
import { addMemoryRoutes } from './routes/memory.js';
import { addModelsRoutes } from './routes/models.js';
import { addRunRoutes } from './routes/runs.js';
import { addSessionRoutes } from './routes/sessions.js';

/** Paths that only callers with a key may use. */
const guarded = ['/v1/*', '/mcp', '/metrics'] as const;

/**
 * The application of a server.
 *
 * @example
 * const app = createApp(context);
 * const response = await app.request('/v1/models');
 */
export function createApp(context: ServerContext): ServerApp {
  const app: ServerApp = new OpenAPIHono<ServerEnv>();
  app.use(observed(context));
  const isCaller = guard(context);
  for (const path of guarded) app.use(path, isCaller);
  for (const addRoutes of [
    addChatRoute,
    addCompletionsRoute,
    addEmbeddingsRoute,
    addModelsRoutes,
    addMemoryRoutes,
    addItemRoutes,
    addSessionRoutes,
    addRunRoutes,
    addMcpRoute,
    addHealthRoutes,
    addMetricsRoute,
  ])
    addRoutes(app, context);
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Mneme', version: context.version, description: 'Models that remember, over HTTP.' },
    security: context.keys === undefined ? [] : [{ key: [] }],
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  app.notFound((c) => notFound(context, c));
  app.onError((error) => {
    const { status, isOurs } = answerTo(error);
    if (isOurs) context.log.log('error', messageOf(error), { status, stack: error.stack });
    return errorResponse(error);
  });
  return app;
}

/** Counts and times every request, and adds the headers that every response has. */
function observed({ metrics }: ServerContext) {
  return async (c: Context<ServerEnv>, next: () => Promise<void>): Promise<void> => {
    const startedMs = performance.now();
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value);
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
    metrics.observeRequest(c.req.method, routeOf(c), c.res.status, (performance.now() - startedMs) / 1000);
  };
}

/** The path as it was defined, so that names in it make no new series. */
function routeOf(c: Context<ServerEnv>): string {
  const path = c.req.matchedRoutes.findLast(({ path }) => !path.endsWith('*'))?.path;
  return path ?? 'other';
}

function notFound({ page }: ServerContext, c: Context<ServerEnv>): Response {
  const { method, path } = c.req;
  const file = method === 'GET' || method === 'HEAD' ? pageResponse(page, path) : undefined;
  return (
    file ??
    errorResponse(
      new HttpError(404, 'not_found', `There is no ${method} ${path.slice(0, 100)}. See /openapi.json.`),
    )
  );
}
