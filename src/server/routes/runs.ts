// `/v1/runs`: run folders and their curves, live while one trains.
import type { ServerApp, ServerContext } from '../context.js';
import { z } from '@hono/zod-openapi';
import { NotFoundError } from '../../core/errors.js';
import { eventStream, eventStreamHeaders } from '../event-stream.js';
import { FlatMap } from '../flat-map.js';
import { addRoute } from '../route.js';
import { followRun, listRuns, showRun } from '../runs.js';
import {
  metricsQuerySchema,
  metricsRecordSchema,
  runDetailSchema,
  runsResponseSchema,
} from '../schemas/runs.js';

const tag = 'Runs';
const runPath = z.object({ run: z.string() });

export function addRunRoutes(app: ServerApp, context: ServerContext): void {
  const folder = () => {
    if (context.runs !== undefined) return context.runs;
    throw new NotFoundError('The server shows no runs. Start it with --runs FOLDER.');
  };

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/runs',
      tag,
      summary: 'Lists run folders, the one written last first.',
      answer: runsResponseSchema,
    },
    async () => ({ runs: context.runs === undefined ? [] : await listRuns(context.runs) }),
  );

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/runs/{run}',
      tag,
      summary: 'Shows the configuration of a run and all that was measured.',
      parameters: runPath,
      answer: runDetailSchema,
    },
    async ({ parameters: { run } }) => showRun(folder(), run),
  );

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/runs/{run}/metrics',
      tag,
      summary:
        'Streams what was and is measured, one record an event; `reset` says that all records come anew.',
      parameters: runPath,
      query: metricsQuerySchema,
      answer: z.object({}),
      alternative: { 'text/event-stream': metricsRecordSchema },
    },
    async ({ parameters: { run }, query: { after = -1 }, raw }) => {
      const { pollMs, keepAliveMs, stallMs } = context.limits;
      const watch = new AbortController();
      const leave = (): void => watch.abort();
      raw.signal.addEventListener('abort', leave, { once: true });
      context.lifecycle.stopped.addEventListener('abort', leave, { once: true });
      const onLeave = (): void => {
        leave();
        context.lifecycle.stopped.removeEventListener('abort', leave);
      };
      const records = followRun(folder(), run, { after, pollMs, signal: watch.signal });
      const events = await new FlatMap(records, (event) => [event]).begin().catch((error: unknown) => {
        onLeave();
        throw error;
      });
      const body = eventStream(events, { keepAliveMs, stallMs, onLeave, onError: () => undefined });
      return new Response(body, { headers: eventStreamHeaders });
    },
  );
}
