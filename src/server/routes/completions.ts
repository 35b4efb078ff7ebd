// `/v1/completions`: a text and how it goes on, in OpenAI's format. Without memory.
import type { ServerApp, ServerContext } from '../context.js';
import type { ServerEvent } from '../event-stream.js';
import type { ChatEvent } from '../../tasks/chat/index.js';
import type { AnswerHead } from '../chat-format.js';
import type { FinishReason } from '../schemas/chat.js';
import type { CompletionResponse } from '../schemas/completions.js';
import { startAnswer } from '../answering.js';
import { finishOf, headOf, usageOf } from '../chat-format.js';
import { modelNamed } from '../models.js';
import { plainAnswer, plainPrompt } from '../plain-answer.js';
import { addRoute } from '../route.js';
import { answerOptionsOf, refuseUnsupported } from '../sampling.js';
import { completionRequestSchema, completionResponseSchema } from '../schemas/completions.js';
import { streamAnswer } from '../stream-response.js';

export function addCompletionsRoute(app: ServerApp, context: ServerContext): void {
  addRoute(
    app,
    context,
    {
      method: 'post',
      path: '/v1/completions',
      tag: 'OpenAI',
      summary: 'Continues a text.',
      body: completionRequestSchema,
      answer: completionResponseSchema,
      alternative: { 'text/event-stream': completionResponseSchema },
    },
    async (request) => {
      const { body } = request;
      refuseUnsupported(body);
      const model = modelNamed(context, body.model);
      const prompt = typeof body.prompt === 'string' ? body.prompt : body.prompt.join('');
      const options = answerOptionsOf(body);
      const writer = model.generator.continuation ?? model.generator;
      const answering = startAnswer(context, { ...request, memory: false }, (signal) =>
        plainAnswer(writer, plainPrompt(writer, [{ role: 'user', content: prompt }]), options, signal),
      );
      const head = headOf('cmpl', model.id, context.now());
      const echo = body.echo === true ? prompt : '';
      if (body.stream !== true) return wholeText(head, answering.events, echo);
      const withUsage = body.stream_options?.include_usage === true;
      return streamAnswer(context, answering, textChunks(head, echo, withUsage));
    },
  );
}

type Choice = CompletionResponse['choices'][number];

const message = (
  head: AnswerHead,
  choice: Omit<Choice, 'index' | 'logprobs'> | undefined,
): CompletionResponse => ({
  ...head,
  object: 'text_completion',
  choices: choice === undefined ? [] : [{ index: 0, logprobs: null, ...choice }],
});

async function wholeText(
  head: AnswerHead,
  events: AsyncIterable<ChatEvent>,
  echo: string,
): Promise<CompletionResponse> {
  let text = echo;
  let end: Pick<CompletionResponse, 'usage'> & { finish_reason: FinishReason } = {
    finish_reason: 'stop',
  };
  for await (const event of events) {
    if (event.kind === 'text') text += event.text;
    if (event.kind === 'done') end = { finish_reason: finishOf(event), usage: usageOf(event.usage) };
  }
  const { finish_reason, usage } = end;
  return { ...message(head, { text, finish_reason }), usage };
}

function textChunks(
  head: AnswerHead,
  echo: string,
  withUsage: boolean,
): (event: ChatEvent) => readonly ServerEvent[] {
  let before = echo;
  return (event) => {
    if (event.kind === 'window' || event.kind === 'calls') return [];
    const text = before + (event.kind === 'text' ? event.text : '');
    before = '';
    if (event.kind === 'text') return [{ data: message(head, { text, finish_reason: null }) }];
    const usage = { ...message(head, undefined), usage: usageOf(event.usage) };
    return [
      { data: message(head, { text, finish_reason: finishOf(event) }) },
      ...(withUsage ? [{ data: usage }] : []),
      { data: '[DONE]' },
    ];
  };
}
