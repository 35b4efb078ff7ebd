// `/v1/memory/items` and what is beside them: looking through the archive, and changing single items.
import type { Archive, FullItem } from '../../archive/index.js';
import type { ServerApp, ServerContext } from '../context.js';
import { z } from '@hono/zod-openapi';
import { NotFoundError } from '../../core/errors.js';
import { assistantSpeaker } from '../../tasks/chat/message.js';
import { eventStreamHeaders } from '../event-stream.js';
import { given } from '../../core/given.js';
import { afterForgetting } from '../forgotten.js';
import { addRoute } from '../route.js';
import { userQuery } from '../schemas/common.js';
import {
  documentsResponseSchema,
  editRequestSchema,
  editResponseSchema,
  factsResponseSchema,
  itemSchema,
  itemsQuerySchema,
  itemsResponseSchema,
  receiptSchema,
  usersResponseSchema,
} from '../schemas/memory.js';
import { orNothing } from './memory.js';

const tag = 'Memory';
const itemPath = z.object({ id: z.string() });
const usualPage = 100;

export function addItemRoutes(app: ServerApp, context: ServerContext): void {
  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/memory/items',
      tag,
      summary: 'Lists what is held of a user, the newest first.',
      query: itemsQuerySchema,
      answer: itemsResponseSchema,
    },
    async ({ query: { limit = usualPage, ...query }, caller }) => {
      const archive = await context.archiveOf(caller.tenant);
      const items = await archive.browse({ ...given(query), limit });
      return { items, next: items.length < limit ? null : (items.at(-1)?.id ?? null) };
    },
  );

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/memory/items/{id}',
      tag,
      summary: 'Shows an item.',
      parameters: itemPath,
      answer: itemSchema,
    },
    async ({ parameters: { id }, caller }) => itemNamed(await context.archiveOf(caller.tenant), id),
  );

  addRoute(
    app,
    context,
    {
      method: 'patch',
      path: '/v1/memory/items/{id}',
      tag,
      summary: 'Gives an episode another text; undo brings the old one back.',
      parameters: itemPath,
      body: editRequestSchema,
      answer: editResponseSchema,
    },
    async ({ parameters: { id }, body: { text }, caller }) => {
      const archive = await context.archiveOf(caller.tenant);
      const { speaker } = await itemNamed(archive, id);
      const edited = await archive.edit(id, text, { facts: speaker !== assistantSpeaker });
      afterForgetting(context, caller.tenant);
      return edited;
    },
  );

  addRoute(
    app,
    context,
    {
      method: 'delete',
      path: '/v1/memory/items/{id}',
      tag,
      summary: 'Erases an item for good, with what was made from it.',
      parameters: itemPath,
      answer: receiptSchema,
    },
    async ({ parameters: { id }, caller }) => {
      const receipt = await (await context.archiveOf(caller.tenant)).forget({ ids: [id] });
      afterForgetting(context, caller.tenant);
      return receipt;
    },
  );

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/memory/users',
      tag,
      summary: 'Lists the users of whom something is held.',
      answer: usersResponseSchema,
    },
    async ({ caller }) => ({ users: await (await context.archiveOf(caller.tenant)).users() }),
  );

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/memory/facts',
      tag,
      summary: 'Lists what is held to be true of a user now.',
      query: userQuery,
      answer: factsResponseSchema,
    },
    async ({ query, caller }) => ({
      facts: await orNothing((await context.archiveOf(caller.tenant)).facts(given(query))),
    }),
  );

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/memory/documents',
      tag,
      summary: 'Lists the documents of a user.',
      query: userQuery,
      answer: documentsResponseSchema,
    },
    async ({ query: { user }, caller }) => ({
      documents: await orNothing((await context.archiveOf(caller.tenant)).documents(user)),
    }),
  );

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/memory/export',
      tag,
      summary: 'Everything that is held of a user, one JSON object a line.',
      query: userQuery,
      answer: z.object({}),
      alternative: { 'application/x-ndjson': z.string() },
    },
    async ({ query: { user }, caller }) => {
      const archive = await context.archiveOf(caller.tenant);
      const lines = archive.export(user);
      // An unknown user is told with a status, so the first line is fetched before.
      const first = await lines.next();
      return new Response(textOf(first.value ?? '', lines), {
        headers: {
          'content-type': 'application/x-ndjson; charset=utf-8',
          'cache-control': eventStreamHeaders['cache-control'] ?? '',
          'content-disposition': 'attachment; filename="memory.jsonl"',
        },
      });
    },
  );
}

async function itemNamed(archive: Archive, id: string): Promise<FullItem> {
  const [item] = await archive.items([id]);
  if (item === undefined) throw new NotFoundError(`There is no item "${id}".`);
  return item;
}

function textOf(first: string, rest: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(`${first}\n`)),
    async pull(controller) {
      const { value, done } = await rest.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${value}\n`));
    },
    cancel: async () => void (await rest.return(undefined)),
  });
}
