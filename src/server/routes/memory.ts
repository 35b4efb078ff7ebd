// `/v1/memory`: what the archive does, over HTTP. Knows nothing of how it does it.
import type { Archive, ForgetChoice, Recollection as Found } from '../../archive/index.js';
import type { KeyOwner } from '../api-keys.js';
import type { ServerApp, ServerContext } from '../context.js';
import type { ForgetRequest, RecallRequest, Recollection } from '../schemas/memory.js';
import { explain } from '../../archive/explain.js';
import { languageOf } from '../../tasks/chat/message.js';
import { NotFoundError } from '../../core/errors.js';
import { given } from '../../core/given.js';
import { HttpError } from '../http-error.js';
import { afterForgetting } from '../forgotten.js';
import { addRoute } from '../route.js';
import {
  explainRequestSchema,
  explainResponseSchema,
  forgetRequestSchema,
  historyQuerySchema,
  historyResponseSchema,
  recallRequestSchema,
  recallResponseSchema,
  receiptSchema,
  rememberRequestSchema,
  rememberResponseSchema,
  undoRequestSchema,
  undoResponseSchema,
} from '../schemas/memory.js';

const tag = 'Memory';

export function addMemoryRoutes(app: ServerApp, context: ServerContext): void {
  const archiveOf = ({ tenant }: KeyOwner): Promise<Archive> => context.archiveOf(tenant);

  addRoute(
    app,
    context,
    {
      method: 'post',
      path: '/v1/memory/remember',
      tag,
      summary: 'Stores a text, or many; each gets an outcome.',
      body: rememberRequestSchema,
      answer: rememberResponseSchema,
    },
    async ({ body, caller }) => {
      const { user } = body;
      const episodes = 'episodes' in body ? body.episodes : [body];
      const archive = await archiveOf(caller);
      const inputs = episodes.map((episode) =>
        Object.assign({ text: episode.text }, given(episode), given({ user })),
      );
      return { outcomes: await archive.rememberAll(inputs) };
    },
  );

  addRoute(
    app,
    context,
    {
      method: 'post',
      path: '/v1/memory/recall',
      tag,
      summary: 'Finds what answers a question, best first, and says why.',
      body: recallRequestSchema,
      answer: recallResponseSchema,
    },
    async ({ body, caller }) => ({ results: await recall(await archiveOf(caller), body) }),
  );

  addRoute(
    app,
    context,
    {
      method: 'post',
      path: '/v1/memory/explain',
      tag,
      summary: 'Says why an item is recalled for a question, or that it is not.',
      body: explainRequestSchema,
      answer: explainResponseSchema,
    },
    async ({ body: { id, ...question }, caller }) => {
      const archive = await archiveOf(caller);
      await archive.items([id]);
      const results = await recall(archive, { ...question, limit: mostResults });
      const index = results.findIndex(({ item }) => item.id === id);
      return { rank: index < 0 ? null : index + 1, result: results[index] ?? null };
    },
  );

  addRoute(
    app,
    context,
    {
      method: 'post',
      path: '/v1/memory/forget',
      tag,
      summary: 'Erases for good, everywhere, and gives a receipt.',
      body: forgetRequestSchema,
      answer: receiptSchema,
    },
    async ({ body, caller }) => {
      const archive = await archiveOf(caller);
      const receipt = await archive.forget(
        choiceOf(body),
        given({ keepSources: body.keepSources, dryRun: body.dryRun }),
      );
      if (body.dryRun !== true) afterForgetting(context, caller.tenant);
      return receipt;
    },
  );

  addRoute(
    app,
    context,
    {
      method: 'get',
      path: '/v1/memory/history',
      tag,
      summary: 'Lists what changed, the newest first.',
      query: historyQuerySchema,
      answer: historyResponseSchema,
    },
    async ({ query, caller }) => ({
      entries: await orNothing((await archiveOf(caller)).history(given(query))),
    }),
  );

  addRoute(
    app,
    context,
    {
      method: 'post',
      path: '/v1/memory/undo',
      tag,
      summary: 'Sets back what an operation changed.',
      body: undoRequestSchema,
      answer: undoResponseSchema,
    },
    async ({ body, caller }) => ({ operation: await (await archiveOf(caller)).undo(body.operation) }),
  );
}

/** The most that a recall returns. */
const mostResults = 200;

async function recall(
  archive: Archive,
  { question, language, ...options }: RecallRequest,
): Promise<readonly Recollection[]> {
  const results = await orNothing(archive.recall(question, given(options)));
  const spoken = language ?? languageOf(question);
  return results.map((result: Found) => Object.assign({}, result, { explanation: explain(result, spoken) }));
}

/** Of a user who has said nothing yet there is nothing, which is no error. */
export async function orNothing<T>(found: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
}

/** @throws {HttpError} 400 unless exactly one way of choosing is given */
function choiceOf({ user, ids, session, document, query, everything }: ForgetRequest): ForgetChoice {
  const whose = given({ user });
  const choices: readonly (ForgetChoice | undefined)[] = [
    ids && { ids },
    session === undefined ? undefined : { session, ...whose },
    document === undefined ? undefined : { document, ...whose },
    query === undefined ? undefined : { query, ...whose },
    everything && user !== undefined ? { user } : undefined,
  ];
  const [choice, ...others] = choices.filter((one) => one !== undefined);
  if (choice !== undefined && others.length === 0) return choice;
  throw new HttpError(
    400,
    'ambiguous_choice',
    'Give exactly one of: ids, session, document, query, or everything with a user.',
  );
}
