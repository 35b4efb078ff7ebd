// What a request says of tools: offered, called or answered. They are passed on to a model that can call them, never run here.
import type { z } from '@hono/zod-openapi';
import type { Generator, ToolCall, ToolCaller, ToolFields } from '../tasks/chat/index.js';
import type { chatRequestSchema, WireToolCall } from './schemas/chat.js';
import { HttpError } from './http-error.js';

type ChatBody = z.output<typeof chatRequestSchema>;

export interface ToolRequest {
  /** As they are passed on. */
  readonly fields: ToolFields;
  /** The first field that speaks of them. */
  readonly param: string;
}

/** `undefined` where a request asks for no call and has none. */
export function toolsIn({ messages, ...body }: ChatBody): ToolRequest | undefined {
  const { tools, tool_choice, parallel_tool_calls } = body;
  const said = messages.findIndex(
    (message) =>
      message.role === 'tool' || (message.role === 'assistant' && (message.tool_calls ?? []).length > 0),
  );
  const areOffered = (tools ?? []).length > 0;
  if (!areOffered && said < 0) return undefined;
  const given = Object.entries({ tools, tool_choice, parallel_tool_calls });
  const fields = areOffered ? given.filter(([, value]) => value !== undefined && value !== null) : [];
  return { fields: Object.fromEntries(fields), param: areOffered ? 'tools' : `messages.${said}` };
}

/** @throws {HttpError} 400 where the model cannot call any */
export function callerOf({ name, withTools }: Generator, { param }: ToolRequest): ToolCaller {
  if (withTools !== undefined) return withTools;
  throw new HttpError(
    400,
    'unsupported_parameter',
    `"${name}" calls no tools: they are passed on to an OpenAI-compatible endpoint (mneme serve --model URL#NAME) only. Leave out "tools", messages of role "tool" and "tool_calls", or ask such a model.`,
    { param },
  );
}

/** @throws {HttpError} 400 where tools are offered within a conversation that is remembered */
export function refuseToolsWithMemory(body: ChatBody): void {
  const tools = toolsIn(body);
  if (tools?.param !== 'tools') return;
  throw new HttpError(
    400,
    'unsupported_parameter',
    'Tools are passed on without memory only. Leave out "tools", or send the request without "mneme.session" or with "memory": false.',
    { param: tools.param },
  );
}

export const wireCall = ({ id, name, arguments: given }: ToolCall): WireToolCall => ({
  id,
  type: 'function',
  function: { name, arguments: given },
});

export const toolCall = ({ id, function: { name, arguments: given } }: WireToolCall): ToolCall => ({
  id,
  name,
  arguments: given,
});
