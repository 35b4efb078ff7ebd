// `/v1/sessions`: the conversations of a user. Knows nothing of how they are kept.
import type { KeyOwner } from '../api-keys.js';
import type { ServerApp, ServerContext } from '../context.js';
import type { ConversationPlace } from '../conversations.js';
import { z } from '@hono/zod-openapi';
import { NotFoundError } from '../../core/errors.js';
import { readWindow } from '../../tasks/chat/kept-window.js';
import { describeWindow, languageIn } from '../../tasks/chat/why.js';
import { startAnswer } from '../answering.js';
import { afterForgetting } from '../forgotten.js';
import { modelNamed } from '../models.js';
import { addRoute } from '../route.js';
import { answerOptionsOf } from '../sampling.js';
import { languageSchema, nameSchema, userQuery } from '../schemas/common.js';
import { receiptSchema } from '../schemas/memory.js';
import {
  branchRequestSchema,
  branchResponseSchema,
  regenerateRequestSchema,
  sessionsResponseSchema,
  turnsResponseSchema,
  turnWindowResponseSchema,
} from '../schemas/sessions.js';
import { wireWindow } from '../window-format.js';
import { offeredIn, requireCaller } from '../tools.js';
import { chatAnswer, sendAnswer } from './chat.js';

const tag = 'Conversations';
const sessionPath = z.object({ session: nameSchema });
/** Characters of a title. */
const titleLength = 80;

export function addSessionRoutes(app: ServerApp, context: ServerContext): void {
  const placeOf = async (
    { tenant }: KeyOwner,
    session: string,
    user: string | undefined,
  ): Promise<ConversationPlace> => ({ tenant, archive: await context.archiveOf(tenant), session, user });

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/sessions',
      tag,
      summary: 'Lists conversations, the one spoken in last first.',
      query: userQuery,
      answer: sessionsResponseSchema,
    },
    async ({ query: { user }, caller }) => {
      const archive = await context.archiveOf(caller.tenant);
      const [sessions, first] = await Promise.all([archive.sessions(user), archive.firstTurns(user)]);
      const titles = new Map(first.map(({ session, text }) => [session, titleOf(text)]));
      return {
        sessions: sessions.map(({ session, turns, firstAt, lastAt }) => ({
          id: session,
          title: titles.get(session) ?? session,
          turns,
          startedAt: firstAt,
          updatedAt: lastAt,
        })),
      };
    },
  );

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/sessions/{session}',
      tag,
      summary: 'Shows the turns of a conversation, in order.',
      parameters: sessionPath,
      query: userQuery,
      answer: turnsResponseSchema,
    },
    async ({ parameters: { session }, query: { user }, caller }) => {
      const turns = await context.conversations.turns(await placeOf(caller, session, user));
      if (turns.length > 0) return { session, turns };
      throw new NotFoundError(`There is no conversation "${session}". GET /v1/sessions lists them.`);
    },
  );

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/sessions/{session}/turns/{turn}/window',
      tag,
      summary:
        'Shows what the model was given for an answer, by its item id: the last ones of each conversation are kept.',
      parameters: sessionPath.extend({ turn: z.string() }),
      query: z.object({ language: languageSchema.optional() }),
      answer: turnWindowResponseSchema,
    },
    async ({ parameters: { turn }, query: { language }, caller }) => {
      const window = await readWindow(await context.archiveOf(caller.tenant), turn, { language });
      if (window !== undefined) {
        const spoken = language ?? languageIn(window);
        return { window: wireWindow(window, spoken), explanation: describeWindow(window, spoken) };
      }
      throw new NotFoundError(
        `What was given for "${turn}" is not known: it is no answer, one that is beyond the last ones of its conversation, or one that was forgotten.`,
      );
    },
  );

  addRoute(
    app,
    context,
    {
      method: 'post',
      path: '/v1/sessions/{session}/branch',
      tag,
      summary: 'Begins another conversation that shares the turns up to one.',
      parameters: sessionPath,
      body: branchRequestSchema,
      answer: branchResponseSchema,
    },
    async ({ parameters: { session }, body: { user, turn }, caller }) => ({
      session: await context.conversations.branch(await placeOf(caller, session, user), turn),
    }),
  );

  addRoute(
    app,
    context,
    {
      method: 'post',
      path: '/v1/sessions/{session}/regenerate',
      tag,
      summary: 'Answers the last message again, in the place of its answer.',
      parameters: sessionPath,
      body: regenerateRequestSchema,
      ...chatAnswer,
    },
    async (request) => {
      const { parameters, body, caller } = request;
      const model = modelNamed(context, body.model);
      const place = await placeOf(caller, parameters.session, body.user);
      const { generator } = model;
      const answer = answerOptionsOf(body);
      const { knowledge } = context;
      const tools = offeredIn(body);
      if (tools !== undefined) requireCaller(generator, { fields: tools, param: 'tools' });
      const answering = startAnswer(context, { ...request, memory: true }, (signal) =>
        context.conversations.regenerate(place, { generator, knowledge, answer, signal, tools }),
      );
      return sendAnswer(context, model, body, answering, body.language);
    },
  );

  addRoute(
    app,
    context,
    {
      method: 'delete',
      path: '/v1/sessions/{session}',
      tag,
      summary: 'Erases a conversation for good, with what was learnt from it.',
      parameters: sessionPath,
      query: userQuery,
      answer: receiptSchema,
    },
    async ({ parameters: { session }, query: { user }, caller }) => {
      const place = await placeOf(caller, session, user);
      if ((await context.conversations.turns(place)).length === 0)
        throw new NotFoundError(`There is no conversation "${session}". GET /v1/sessions lists them.`);
      const receipt = await place.archive.forget({ session, ...(user !== undefined && { user }) });
      afterForgetting(context, caller.tenant);
      return receipt;
    },
  );
}

function titleOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= titleLength ? line : `${characters.slice(0, titleLength - 1).join('')}…`;
}
