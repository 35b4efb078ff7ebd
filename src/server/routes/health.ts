// `/health` and `/metrics`: whether the server is well, for people and for Prometheus.
import type { ServerApp, ServerContext } from '../context.js';
import type { Health } from '../schemas/health.js';
import { addRoute } from '../route.js';
import { healthSchema } from '../schemas/health.js';

export function addHealthRoutes(app: ServerApp, context: ServerContext): void {
  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/health',
      tag: 'Server',
      summary: 'Says whether the server is well: 200 or 503.',
      answer: healthSchema,
    },
    async () => {
      const health = await healthOf(context);
      return new Response(JSON.stringify(health), {
        status: health.status === 'ok' ? 200 : 503,
        headers: { 'content-type': 'application/json' },
      });
    },
  );
}

/** Open to nobody without a key, since it tells how much the server is used. */
export function addMetricsRoute(app: ServerApp, { metrics }: ServerContext): void {
  app.get(
    '/metrics',
    async () => new Response(await metrics.text(), { headers: { 'content-type': metrics.contentType } }),
  );
}

async function healthOf({
  archiveOf,
  tenant,
  lifecycle,
  version,
  keys,
  runs,
}: ServerContext): Promise<Health> {
  const archive = await archiveOf(tenant)
    .then((opened) => opened.users())
    .then(
      () => 'ok' as const,
      () => 'down' as const,
    );
  const status = lifecycle.isStopping ? 'stopping' : archive === 'ok' ? 'ok' : 'degraded';
  return { status, archive, version, keyRequired: keys !== undefined, runs: runs !== undefined };
}
