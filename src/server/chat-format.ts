// Events of an answer in OpenAI's format, whole and in chunks. Knows no route. Source: OpenAI API reference, "Chat".
import type { ChatEvent, ChatFinish, ChatLanguage, ToolCall } from '../tasks/chat/index.js';
import type { ServerEvent } from './event-stream.js';
import type { AnswerExtension, ChatChunk, ChatResponse, FinishReason, Usage } from './schemas/chat.js';
import { wireCall } from '../tasks/chat/generators/wire-message.js';
import { languageIn } from '../tasks/chat/why.js';
import { wireWindow } from './window-format.js';

type DoneEvent = Extract<ChatEvent, { readonly kind: 'done' }>;

/** How an answer is written. */
export interface ChatFormat {
  /** Of the reasons in the window; that of the message when absent. */
  readonly language: ChatLanguage | undefined;
}

/** What every message about one answer repeats. */
export interface AnswerHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

export function headOf(prefix: string, model: string, now: Date): AnswerHead {
  return { id: `${prefix}-${crypto.randomUUID()}`, created: Math.floor(now.getTime() / 1000), model };
}

export const usageOf = ({ promptTokens, answerTokens }: DoneEvent['usage']): Usage => ({
  prompt_tokens: promptTokens,
  completion_tokens: answerTokens,
  total_tokens: promptTokens + answerTokens,
});

/** In OpenAI's words, which know less. */
const finishReasons: Readonly<Record<ChatFinish, FinishReason>> = {
  end: 'stop',
  length: 'length',
  'content-filter': 'content_filter',
  stopped: 'stop',
  'not-in-documents': 'stop',
};

/** @param calls whether tools are to be called before it goes on */
export const finishOf = ({ finish }: Pick<DoneEvent, 'finish'>, calls = false): FinishReason =>
  calls && finish === 'end' ? 'tool_calls' : finishReasons[finish];

function extensionOf(event: ChatEvent, language: ChatLanguage | undefined): AnswerExtension | undefined {
  if (event.kind === 'window') {
    const { turn, window } = event;
    const worded = wireWindow(window, language ?? languageIn(window));
    return { session: turn.session, userTurn: turn, window: worded };
  }
  if (event.kind !== 'done') return undefined;
  const { turn, finish, citations } = event;
  return { ...(turn && { session: turn.session, assistantTurn: turn }), finish, citations };
}

/** The whole answer. */
export async function chatResponse(
  head: AnswerHead,
  events: AsyncIterable<ChatEvent>,
  { language }: ChatFormat,
): Promise<ChatResponse> {
  let content = '';
  const mneme: AnswerExtension = {};
  let done: DoneEvent | undefined;
  let calls: readonly ToolCall[] = [];
  for await (const event of events) {
    if (event.kind === 'text') content += event.text;
    if (event.kind === 'done') done = event;
    if (event.kind === 'calls') ({ calls } = event);
    Object.assign(mneme, extensionOf(event, language));
  }
  const usage = usageOf(done?.usage ?? { promptTokens: 0, answerTokens: 0 });
  const finish_reason = done === undefined ? 'stop' : finishOf(done, calls.length > 0);
  const said =
    calls.length === 0
      ? { content }
      : { content: content === '' ? null : content, tool_calls: calls.map(wireCall) };
  return {
    ...head,
    object: 'chat.completion',
    choices: [
      { index: 0, message: { role: 'assistant', ...said, refusal: null }, logprobs: null, finish_reason },
    ],
    usage,
    ...(mneme.session !== undefined && { mneme }),
  };
}

/** The chunks that an event becomes; the last event ends the stream. */
export function chatChunks(
  head: AnswerHead,
  { language, withUsage }: ChatFormat & { readonly withUsage: boolean },
): (event: ChatEvent) => readonly ServerEvent[] {
  let isFirst = true;
  let calls = false;
  let isRemembered = false;
  const chunk = (
    choice: Pick<ChatChunk['choices'][number], 'delta' | 'finish_reason'> | undefined,
    more: Partial<ChatChunk> = {},
  ): ServerEvent => {
    const choices = choice === undefined ? [] : [{ index: 0, logprobs: null, ...choice }];
    return { data: { ...head, object: 'chat.completion.chunk', choices, ...more } satisfies ChatChunk };
  };
  // The pieces of an answer differ in a word each: what they have in common is written once.
  const word = crypto.randomUUID();
  const { data } = chunk({ delta: { content: word }, finish_reason: null });
  const [before = '', after = ''] = JSON.stringify(data).split(JSON.stringify(word));
  return (event) => {
    if (event.kind === 'text' && !isFirst)
      return [{ data: `${before}${JSON.stringify(event.text)}${after}` }];
    isRemembered ||= event.kind === 'window';
    const mneme = isRemembered ? extensionOf(event, language) : undefined;
    const more = mneme === undefined ? {} : { mneme };
    const role = isFirst ? ({ role: 'assistant' } as const) : {};
    isFirst = false;
    if (event.kind === 'calls') {
      calls = true;
      const tool_calls = event.calls.map((call, index) => ({ index, ...wireCall(call) }));
      return [chunk({ delta: { ...role, tool_calls }, finish_reason: null }, more)];
    }
    if (event.kind !== 'done') {
      const content = event.kind === 'text' ? event.text : '';
      return [chunk({ delta: { ...role, content }, finish_reason: null }, more)];
    }
    return [
      chunk({ delta: role, finish_reason: finishOf(event, calls) }, more),
      ...(withUsage ? [chunk(undefined, { usage: usageOf(event.usage) })] : []),
      { data: '[DONE]' },
    ];
  };
}
