// The archive as tools of the Model Context Protocol: remember, recall, forget. Knows no transport.
// Source: Model Context Protocol, revision 2025-11-25, "Tools". The SDK is an optional peer, loaded by those who import this.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import type { Archive, ForgetChoice } from '../archive/index.js';
import type { Logger } from '../core/log.js';
import { itemKinds } from '../archive/types.js';
import { DataError, messageOf, NotFoundError } from '../core/errors.js';
import { given } from '../core/given.js';
import { silentLogger } from '../core/log.js';
import { answerTo } from './http-error.js';

export interface McpOptions {
  readonly archive: Archive;
  /** Whose memory the tools are about; the archive's default user when absent. */
  readonly user?: string | undefined;
  readonly version: string;
  readonly log?: Logger;
  /** Called when something was erased. */
  readonly onForget?: () => void;
  /** Holds the calls that are being answered, for who must not end before them. */
  readonly pending?: Set<Promise<unknown>>;
}

const mostResults = 50;

const memorySchema = z.object({
  id: z.string(),
  kind: z.enum(itemKinds),
  text: z.string(),
  time: z.string().describe('When it was said, ISO 8601'),
  score: z.number(),
  speaker: z.string().optional(),
  session: z.string().optional(),
});

const instructions =
  'Long-term memory of this user. Recall before answering what may depend on earlier conversations; remember what the user tells that will matter later; forget when asked to.';

/** A server that answers one client; connect it to a transport. */
export function createMcpServer({ archive, user, version, log, onForget, pending }: McpOptions): McpServer {
  const server = new McpServer({ name: 'mneme', title: 'Mneme', version }, { instructions });
  const whose = given({ user });
  const answerNow = answering(log ?? silentLogger);
  const answer = (work: () => Promise<Said>): Promise<CallToolResult> => {
    const answered = answerNow(work);
    pending?.add(answered);
    return answered.finally(() => pending?.delete(answered));
  };

  server.registerTool(
    'remember',
    {
      title: 'Remember',
      description:
        'Stores a text in the memory of the user, with the facts found in it. Storing the same again is harmless.',
      inputSchema: {
        text: z.string().min(1).describe('What was said, in the words in which it was said'),
        speaker: z.string().optional().describe('Who said it'),
        session: z.string().optional().describe('The conversation it belongs to'),
      },
      outputSchema: { status: z.string(), id: z.string().optional(), facts: z.array(z.string()) },
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    },
    ({ text, speaker, session }) =>
      answer(async () => {
        const outcome = await archive.remember({ text, ...given({ speaker, session }), ...whose });
        const { status, id, facts } = outcome;
        const said = `${status}: ${id ?? ''}${outcome.reason === undefined ? '' : `. ${outcome.reason}`}`;
        return { said, data: { status, ...given({ id }), facts: [...facts] } };
      }),
  );

  server.registerTool(
    'recall',
    {
      title: 'Recall',
      description: 'Finds in the memory of the user what answers a question, best first.',
      inputSchema: {
        question: z.string().min(1).describe('A question, or words to look for, in any language'),
        limit: z.int().min(1).max(mostResults).optional().describe('Number of results; 5 when absent'),
        session: z.string().optional().describe('Only from this conversation'),
      },
      outputSchema: { results: z.array(memorySchema) },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ question, limit = 5, session }) =>
      answer(async () => {
        const results = await recalled(archive, question, { limit, ...given({ session }), ...whose });
        const lines = results.map(
          ({ id, time, text, speaker }) =>
            `${id}  ${time}  ${speaker === undefined ? '' : `${speaker}: `}${text}`,
        );
        return { said: lines.join('\n') || 'Nothing was found.', data: { results } };
      }),
  );

  server.registerTool(
    'forget',
    {
      title: 'Forget',
      description:
        'Erases for good what was chosen by ids or by words that it must all contain, with everything made from it. Give exactly one of the two; `dryRun` only says what would go.',
      inputSchema: {
        ids: z.array(z.string()).min(1).optional().describe('Ids from recall'),
        query: z.string().min(1).optional().describe('Everything that contains every one of these words'),
        dryRun: z.boolean().optional(),
      },
      outputSchema: { ids: z.array(z.string()), receipt: z.string().optional() },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ ids, query, dryRun }) =>
      answer(async () => {
        const receipt = await archive.forget(await choiceOf(archive, ids, query, user), given({ dryRun }));
        if (dryRun !== true) onForget?.();
        const said = `${dryRun === true ? 'Would erase' : 'Erased'} ${receipt.ids.length} items: ${receipt.ids.join(', ')}`;
        return { said, data: { ids: [...receipt.ids], ...given({ receipt: receipt.id }) } };
      }),
  );
  return server;
}

/** Nothing for a user of whom nothing is held. */
async function recalled(
  archive: Archive,
  question: string,
  options: Parameters<Archive['recall']>[1],
): Promise<z.output<typeof memorySchema>[]> {
  const results = await archive.recall(question, options).catch((error: unknown) => {
    if (error instanceof NotFoundError) return [];
    throw error;
  });
  return results.map(({ item: { id, kind, text, time, speaker, session }, score }) =>
    Object.assign({ id, kind, text, time, score }, given({ speaker, session })),
  );
}

/** @throws {DataError} unless exactly one of ids and query is given, or when an id is of another user */
async function choiceOf(
  archive: Archive,
  ids: readonly string[] | undefined,
  query: string | undefined,
  user: string | undefined,
): Promise<ForgetChoice> {
  if ((ids === undefined) === (query === undefined)) throw new DataError('Give exactly one of: ids, query.');
  if (query !== undefined) return { query, ...given({ user }) };
  const chosen = ids ?? [];
  const whose = user ?? archive.defaultUser;
  const foreign = (await archive.items(chosen)).find((item) => item.user !== whose);
  if (foreign === undefined) return { ids: chosen };
  throw new NotFoundError(`There is no item "${foreign.id}". Take ids from what recall returns.`);
}

interface Said {
  /** For models that read text. */
  readonly said: string;
  readonly data: Record<string, unknown>;
}

/** What a tool returns, or says that it could not. Of a bug of ours only the log learns the words. */
function answering(log: Logger): (work: () => Promise<Said>) => Promise<CallToolResult> {
  return async (work) => {
    try {
      const { said, data } = await work();
      return { content: [{ type: 'text', text: said }], structuredContent: data };
    } catch (error) {
      const { body, isOurs } = answerTo(error);
      if (isOurs) log.log('error', `A tool failed: ${messageOf(error)}`, { thrown: error });
      return { isError: true, content: [{ type: 'text', text: body.error.message }] };
    }
  };
}
