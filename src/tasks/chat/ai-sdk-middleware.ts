// Gives any language model of the AI SDK this memory: recalls before it answers, and remembers afterwards. Knows no provider.
import type {
  LanguageModelV3CallOptions,
  LanguageModelV3Content,
  LanguageModelV3Message,
  LanguageModelV3Middleware,
  LanguageModelV3StreamPart,
} from '@ai-sdk/provider';
import type { Archive } from '../../archive/index.js';
import { sourcesOfAnswer } from './answer-sources.js';
import { memorySources, recallMemories } from './memories.js';
import type { ChatTurn } from './message.js';
import { assistantSpeaker, languageOf } from './message.js';
import { storableAnswer } from './turn.js';
import type { WindowSource } from './window/prompt.js';
import { systemOf } from './window/prompt.js';

export interface MemoryMiddlewareOptions {
  /** Stays open. */
  readonly archive: Archive;
  /** Whose memory it is; the archive's default user when absent. */
  readonly user?: string;
  /** The conversation that turns are kept under; a new one for each middleware when absent. */
  readonly session?: string;
  /** Items recalled at most; default 8. */
  readonly recalled?: number;
}

const usuallyRecalled = 8;

/** What was said, and what the model was told for it. */
interface Asked {
  readonly question: ChatTurn;
  readonly recalled: readonly WindowSource[];
}

/**
 * What the user says is stored before the model is asked, its answer when it is complete, or as far as it came when nobody
 * reads on. Steps in which tools answer are no new message of the user and are not stored twice.
 *
 * @example
 * const model = wrapLanguageModel({ model: openai('gpt-5-mini'), middleware: memoryMiddleware({ archive, user: 'ann' }) });
 * const { text } = await generateText({ model, prompt: 'Where does my sister live?' });
 */
export function memoryMiddleware(options: MemoryMiddlewareOptions): LanguageModelV3Middleware {
  const { archive, recalled = usuallyRecalled } = options;
  const user = options.user ?? archive.defaultUser;
  const session = options.session ?? `ai-sdk ${crypto.randomUUID()}`;
  const asked = new WeakMap<LanguageModelV3CallOptions, Asked>();
  const keep = async (params: LanguageModelV3CallOptions, written: string): Promise<void> => {
    const before = asked.get(params);
    const text = storableAnswer(written);
    if (text === '') return;
    const sources = before === undefined ? [] : sourcesOfAnswer(windowOf(before), before.question, text);
    await archive.addTurn({ user, session, text, speaker: assistantSpeaker, facts: false, sources });
  };
  return {
    specificationVersion: 'v3',
    async transformParams({ params }) {
      const text = newMessageIn(params.prompt);
      if (text === undefined) return params;
      const memories = await recallMemories(archive, user, text);
      const sources = memorySources(memories, new Set()).slice(0, recalled);
      const { id, turn, time } = await archive.addTurn({ user, session, text });
      const remembering = { ...params, prompt: withMemories(params.prompt, sources, text) };
      asked.set(remembering, {
        question: { id, turn, session, role: 'user', text, time },
        recalled: sources,
      });
      return remembering;
    },
    async wrapGenerate({ doGenerate, params }) {
      const result = await doGenerate();
      await keep(params, textOf(result.content));
      return result;
    },
    async wrapStream({ doStream, params }) {
      const { stream, ...rest } = await doStream();
      return { ...rest, stream: keptWhenRead(stream, (text) => keep(params, text)) };
    },
  };
}

const windowOf = ({ recalled }: Asked) => ({
  parts: [
    {
      kind: 'recalled' as const,
      budget: 0,
      tokens: 0,
      items: recalled.map((item) => ({ ...item, tokens: 0 })),
    },
  ],
});

/** What the user says now; `undefined` where the last message is not the user's, or has no text. */
function newMessageIn(prompt: readonly LanguageModelV3Message[]): string | undefined {
  const last = prompt.at(-1);
  if (last?.role !== 'user') return undefined;
  const text = last.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  return text.trim() === '' ? undefined : text;
}

const textOf = (content: readonly LanguageModelV3Content[]): string =>
  content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');

/** The memories as a system message after those that are there. */
function withMemories(
  prompt: readonly LanguageModelV3Message[],
  recalled: readonly WindowSource[],
  message: string,
): LanguageModelV3Message[] {
  const none = { profile: [], summary: [], knowledge: [], turns: [], message: [] };
  const content = systemOf({ ...none, recalled }, languageOf(message));
  const told: readonly LanguageModelV3Message[] = content === '' ? [] : [{ role: 'system', content }];
  const first = prompt.findIndex(({ role }) => role !== 'system');
  return [...prompt.slice(0, first), ...told, ...prompt.slice(first)];
}

/** The same stream; what was written is kept before its end is told, or when nobody reads on. */
function keptWhenRead(
  stream: ReadableStream<LanguageModelV3StreamPart>,
  keep: (text: string) => Promise<void>,
): ReadableStream<LanguageModelV3StreamPart> {
  const reader = stream.getReader();
  let text = '';
  let isKept = false;
  const keepOnce = async (): Promise<void> => {
    if (isKept) return;
    isKept = true;
    await keep(text);
  };
  return new ReadableStream<LanguageModelV3StreamPart>({
    async pull(controller) {
      const { value, done } = await reader.read();
      if (done || value.type === 'finish') await keepOnce();
      if (done) return controller.close();
      if (value.type === 'text-delta') text += value.delta;
      controller.enqueue(value);
    },
    async cancel(reason) {
      await reader.cancel(reason);
      await keepOnce();
    },
  });
}
