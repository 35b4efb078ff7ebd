// One way to define a route: its schemas check what comes, describe it in the OpenAPI document, and type its handler.
import type { Context } from 'hono';
import { z } from '@hono/zod-openapi';
import { parseConfig } from '../core/parse-config.js';
import type { KeyOwner } from './api-keys.js';
import type { ServerApp, ServerContext, ServerEnv } from './context.js';
import { readJson } from './body.js';
import { errorSchema } from './schemas/common.js';

/** A route as data. Paths have `{names}`; what does not fit a schema is answered with 400. */
export interface RouteDescription<
  Body extends z.ZodType,
  Query extends z.ZodType,
  Parameters extends z.ZodType,
  Answer extends z.ZodType,
> {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly body?: Body;
  readonly query?: Query;
  readonly parameters?: Parameters;
  readonly answer: Answer;
  /** Another content type than JSON in which the answer may come, with its schema. */
  readonly alternative?: Readonly<Record<string, z.ZodType>>;
}

/** A request whose parts fit the schemas. */
export interface CheckedRequest<Body, Query, Parameters> {
  readonly body: Body;
  readonly query: Query;
  readonly parameters: Parameters;
  readonly caller: KeyOwner;
  readonly raw: Request;
}

/** Adds a route; what the handler returns is sent as JSON, unless it is a response already. */
export function addRoute<
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Parameters extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodType,
>(
  app: ServerApp,
  { limits }: Pick<ServerContext, 'limits'>,
  route: RouteDescription<Body, Query, Parameters, Answer>,
  handle: (
    request: CheckedRequest<z.output<Body>, z.output<Query>, z.output<Parameters>>,
  ) => Promise<z.output<Answer> | Response>,
): void {
  const { method, path, body, query, parameters } = route;
  describe(app, route);
  const checked = async <S extends z.ZodType>(
    schema: S | undefined,
    read: () => unknown,
    what: string,
  ): Promise<z.output<S>> =>
    (schema === undefined ? undefined : parseConfig(schema, await read(), what)) as z.output<S>;
  app.on(method.toUpperCase(), honoPath(path), async (c: Context<ServerEnv>) => {
    const { raw } = c.req;
    const answer = await handle({
      parameters: await checked(parameters, () => c.req.param(), 'The address'),
      query: await checked(query, () => c.req.query(), 'The query'),
      body: await checked(body, () => readJson(raw, limits.maxBodyBytes), 'The body'),
      caller: c.get('caller'),
      raw,
    });
    return answer instanceof Response ? answer : c.json(answer as object);
  });
}

/** `/items/{id}` as the router writes it. */
const honoPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

function describe<B extends z.ZodType, Q extends z.ZodType, P extends z.ZodType, A extends z.ZodType>(
  app: ServerApp,
  {
    method,
    path,
    tag,
    summary,
    body,
    query,
    parameters,
    answer,
    alternative = {},
  }: RouteDescription<B, Q, P, A>,
): void {
  const others = Object.entries(alternative).map(([type, schema]) => [type, { schema }] as const);
  app.openAPIRegistry.registerPath({
    method,
    path,
    tags: [tag],
    summary,
    request: {
      ...(query instanceof z.ZodObject && { query }),
      ...(parameters instanceof z.ZodObject && { params: parameters }),
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: {
      200: {
        description: 'Done.',
        content: { 'application/json': { schema: answer }, ...Object.fromEntries(others) },
      },
      default: { description: 'What went wrong.', content: { 'application/json': { schema: errorSchema } } },
    },
  });
}
