// What a request says of tools: offered, called or answered. They are passed on to a model that can call them, never run here.
import type { z } from '@hono/zod-openapi';
import type { AnsweredCall, Generator, ToolCall, ToolFields, ToolStep } from '../tasks/chat/index.js';
import type { WireCall } from '../tasks/chat/generators/wire-message.js';
import type { chatRequestSchema } from './schemas/chat.js';
import { HttpError } from './http-error.js';

type ChatBody = z.output<typeof chatRequestSchema>;
type AssistantMessage = Extract<ChatBody['messages'][number], { readonly role: 'assistant' }>;

export interface ToolRequest {
  /** As they are passed on. */
  readonly fields: ToolFields;
  /** The first field that speaks of them. */
  readonly param: string;
}

/** What a request offers, as it is passed on; `undefined` where that are no tools. */
export function offeredIn({
  tools,
  tool_choice,
  parallel_tool_calls,
}: Pick<ChatBody, 'tools' | 'tool_choice' | 'parallel_tool_calls'>): ToolFields | undefined {
  if ((tools ?? []).length === 0) return undefined;
  const given = Object.entries({ tools, tool_choice, parallel_tool_calls });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== null));
}

/** `undefined` where a request asks for no call and has none. */
export function toolsIn({ messages, ...body }: ChatBody): ToolRequest | undefined {
  const said = messages.findIndex(
    (message) =>
      message.role === 'tool' || (message.role === 'assistant' && (message.tool_calls ?? []).length > 0),
  );
  const offered = offeredIn(body);
  if (offered !== undefined) return { fields: offered, param: 'tools' };
  return said < 0 ? undefined : { fields: {}, param: `messages.${said}` };
}

/** @throws {HttpError} 400 where the model cannot call any */
export function requireCaller({ name, withTools }: Generator, { param }: ToolRequest): void {
  if (withTools !== undefined) return;
  throw new HttpError(
    400,
    'unsupported_parameter',
    `"${name}" calls no tools: they are passed on to an OpenAI-compatible endpoint (mneme serve --model URL#NAME) only. Leave out "tools", messages of role "tool" and "tool_calls", or ask such a model.`,
    { param },
  );
}

/** What the user says now, and what was called for it so far: where a turn of a conversation stands. */
export interface CurrentTurn {
  readonly message: string;
  readonly steps: readonly ToolStep[];
}

/** What calls gave, by their ids: of those that a conversation waits for. */
export type ToolResults = ReadonlyMap<string, string>;

/** Nothing but results, for who leaves the rest to the archive; `undefined` where there is something else. */
export function resultsAlone(messages: ChatBody['messages']): ToolResults | undefined {
  const said = messages.filter(({ role }) => role !== 'system' && role !== 'developer');
  const results = said.flatMap((one) =>
    one.role === 'tool' ? [[one.tool_call_id, textOf(one)] as const] : [],
  );
  return results.length > 0 && results.length === said.length ? new Map(results) : undefined;
}

/**
 * The last message of the user, with the calls after it and what they gave; what was said before is in the archive.
 *
 * @throws {HttpError} 400 where something else comes after it, a call has no result, or a result no call
 */
export function currentTurn(messages: ChatBody['messages']): CurrentTurn {
  const at = messages.findLastIndex(({ role }) => role === 'user');
  const message = messages[at];
  if (message === undefined || messages.at(-1)?.role === 'assistant')
    throw misplaced(
      `messages.${messages.length - 1}`,
      'With a session, the last message is what the user says now, or what tools gave for it',
    );
  const steps: StepSoFar[] = [];
  for (const [n, one] of messages.entries()) {
    if (n <= at || one.role === 'system' || one.role === 'developer') continue;
    if (one.role === 'assistant') steps.push(beginStep(one, n));
    else addResult(steps.at(-1), one, n);
  }
  for (const { calls, at: asked } of steps) requireResults([...calls.values()], `messages.${asked}`);
  return {
    message: textOf(message),
    steps: steps.map(({ text, calls }) => ({ text, calls: [...calls.values()] })),
  };
}

interface StepSoFar {
  readonly text: string;
  readonly calls: Map<string, AnsweredCall>;
  /** Which message it is. */
  readonly at: number;
}

function beginStep(message: AssistantMessage, at: number): StepSoFar {
  const calls = (message.tool_calls ?? []).map(toolCall);
  if (calls.length === 0)
    throw misplaced(
      `messages.${at}`,
      "After the user's last message only calls of tools and what they gave may come",
    );
  return { text: textOf(message), calls: new Map(calls.map((call) => [call.id, call])), at };
}

function addResult(step: StepSoFar | undefined, message: ChatBody['messages'][number], at: number): void {
  const id = message.role === 'tool' ? message.tool_call_id : '';
  const call = step?.calls.get(id);
  if (step === undefined || call === undefined)
    throw misplaced(
      `messages.${at}`,
      `No call "${id.slice(0, 100)}" comes before its result. Send the message with its "tool_calls" too`,
    );
  step.calls.set(id, { ...call, result: textOf(message) });
}

/** @throws {HttpError} 400 where a call has none */
export function requireResults(calls: readonly AnsweredCall[], param: string): void {
  const open = calls.find(({ result }) => result === undefined);
  if (open !== undefined)
    throw misplaced(
      param,
      `Call "${open.id.slice(0, 100)}" has no result. Send a message of role "tool" for each call`,
    );
}

/** Messages that do not belong together. */
export const misplaced = (param: string, message: string): HttpError =>
  new HttpError(400, 'invalid_messages', `${message}.`, { param });

/** The text of a message, whose parts are joined. */
export const textOf = ({ content }: Pick<ChatBody['messages'][number], 'content'>): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text }) => text).join('');

export const toolCall = ({ id, function: { name, arguments: given } }: WireCall): ToolCall => ({
  id,
  name,
  arguments: given,
});
