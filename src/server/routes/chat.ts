// `/v1/chat/completions`: OpenAI's format; with a session, a conversation that remembers. Knows nothing of models or archives.
import type { ChatLanguage, ToolMessage } from '../../tasks/chat/index.js';
import type { Answering } from '../answering.js';
import type { ServedModel, ServerApp, ServerContext } from '../context.js';
import type { CheckedRequest } from '../route.js';
import type { z } from '@hono/zod-openapi';
import { startAnswer } from '../answering.js';
import { chatChunks, chatResponse, headOf } from '../chat-format.js';
import { HttpError } from '../http-error.js';
import { modelNamed } from '../models.js';
import { plainAnswer, plainPrompt } from '../plain-answer.js';
import { addRoute } from '../route.js';
import { answerOptionsOf, refuseUnsupported } from '../sampling.js';
import { chatChunkSchema, chatRequestSchema, chatResponseSchema } from '../schemas/chat.js';
import { streamAnswer } from '../stream-response.js';
import type { ToolRequest } from '../tools.js';
import { currentTurn, requireCaller, resultsAlone, textOf, toolCall, toolsIn } from '../tools.js';

type ChatBody = z.output<typeof chatRequestSchema>;
type Message = ChatBody['messages'][number];

/** What both routes that answer in this format share. */
export const chatAnswer = {
  answer: chatResponseSchema,
  alternative: { 'text/event-stream': chatChunkSchema },
};

export function addChatRoute(app: ServerApp, context: ServerContext): void {
  addRoute(
    app,
    context,
    {
      method: 'post',
      path: '/v1/chat/completions',
      tag: 'OpenAI',
      summary: 'Answers messages; with `mneme.session`, remembers them and recalls what fits.',
      body: chatRequestSchema,
      ...chatAnswer,
    },
    async (request) => {
      const { body } = request;
      const tools = toolsIn(body);
      refuseUnsupported(tools === undefined ? body : { ...body, tools: undefined, tool_choice: undefined });
      const model = modelNamed(context, body.model);
      const place = placeOf(body);
      const answering =
        place === undefined
          ? answerPlainly(context, request, model, tools)
          : await remembering(context, request, model, { ...place, tools });
      return sendAnswer(context, model, body, answering, body.mneme?.language);
    },
  );
}

/** Without memory; tools go to a model that can call them. */
function answerPlainly(
  context: ServerContext,
  request: Pick<CheckedRequest<ChatBody, undefined, undefined>, 'body' | 'caller' | 'raw'>,
  { generator }: ServedModel,
  tools: ToolRequest | undefined,
): Answering {
  const { body } = request;
  if (tools !== undefined) requireCaller(generator, tools);
  const prompt = plainPrompt(generator, body.messages.map(messageOf), tools?.fields);
  return startAnswer(context, { ...request, memory: false }, (signal) =>
    plainAnswer(generator, prompt, answerOptionsOf(body), signal),
  );
}

/**
 * The answer in the form that was asked for.
 * @param language of the reasons in the window; that of the message when absent
 */
export async function sendAnswer(
  context: ServerContext,
  { id }: ServedModel,
  body: Pick<ChatBody, 'stream' | 'stream_options'>,
  answering: Answering,
  language: ChatLanguage | undefined,
) {
  const head = headOf('chatcmpl', id, context.now());
  if (body.stream !== true) return chatResponse(head, answering.events, { language });
  const withUsage = body.stream_options?.include_usage === true;
  return streamAnswer(context, answering, chatChunks(head, { language, withUsage }));
}

/** The conversation that a request belongs to; `undefined` where nothing is to be remembered. */
function placeOf({ mneme, metadata }: ChatBody): { readonly session: string } | undefined {
  const session = mneme?.session ?? metadata?.['session'];
  const memory = mneme?.memory ?? metadata?.['memory'] !== 'false';
  if (session !== undefined) return memory ? { session } : undefined;
  if (mneme?.memory !== true) return undefined;
  throw new HttpError(400, 'missing_session', 'Memory needs "mneme.session", which names the conversation.', {
    param: 'mneme.session',
  });
}

async function remembering(
  context: ServerContext,
  request: Pick<CheckedRequest<ChatBody, undefined, undefined>, 'body' | 'caller' | 'raw'>,
  { generator }: ServedModel,
  { session, tools }: { readonly session: string; readonly tools: ToolRequest | undefined },
): Promise<Answering> {
  const { body, caller } = request;
  const results = resultsAlone(body.messages);
  const turn = results === undefined ? currentTurn(body.messages) : undefined;
  const steps = turn?.steps ?? [];
  const isOffered = Object.keys(tools?.fields ?? {}).length > 0;
  if (tools !== undefined && (isOffered || steps.length > 0 || results !== undefined))
    requireCaller(generator, tools);
  const { tenant } = caller;
  const archive = await context.archiveOf(tenant);
  const place = { tenant, archive, user: body.user ?? undefined, session };
  const profile = profileOf(body.messages);
  const { knowledge } = context;
  const answer = answerOptionsOf(body);
  return startAnswer(context, { ...request, memory: true }, (signal) => {
    const asked = {
      generator,
      knowledge,
      answer,
      signal,
      ...(isOffered && { tools: tools?.fields }),
      ...(profile && { profile }),
    };
    if (results !== undefined) return context.conversations.resume(place, results, asked);
    return context.conversations.send(place, turn?.message ?? '', {
      ...asked,
      ...(steps.length > 0 && { steps }),
    });
  });
}

/** What system messages say; `undefined` where there are none, so that what was said before holds. Empty ones take it away. */
function profileOf(messages: readonly Message[]): readonly string[] | undefined {
  const system = messages.filter(({ role }) => role === 'system' || role === 'developer').map(textOf);
  return system.length === 0 ? undefined : system.filter((text) => text.trim() !== '');
}

function messageOf(message: Message): ToolMessage {
  const content = textOf(message);
  if (message.role === 'tool') return { role: message.role, content, toolCallId: message.tool_call_id };
  const role = message.role === 'developer' ? 'system' : message.role;
  if (message.role !== 'assistant' || !message.tool_calls?.length) return { role, content };
  const toolCalls = message.tool_calls.map(toolCall);
  return { role: message.role, content: content === '' ? null : content, toolCalls };
}
