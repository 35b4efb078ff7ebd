// Answers a message that is stored: asks the generator, passes on what it says, and keeps the answer. Knows nothing of how a
// conversation is read and of what comes first.
import { begun } from '../../core/begun.js';
import { AbortedError, DataError } from '../../core/errors.js';
import { tellingEnd } from '../../core/telling-end.js';
import { sourcesOfAnswer } from './answer-sources.js';
import type { SendOptions } from './conversation.js';
import type { ChatEvent, ChatFinish } from './events.js';
import { GeneratorError } from './generator-error.js';
import { keepSteps } from './keep-steps.js';
import { keptWindow } from './kept-window.js';
import type { ChatLanguage, ChatTurn } from './message.js';
import { assistantSpeaker } from './message.js';
import type { PreparedWindow } from './prepare-window.js';
import { prepareWindow } from './prepare-window.js';
import { firstTurnOf } from './session-name.js';
import type { ConversationSetting } from './setting.js';
import { asOffered, narrowed } from './setting.js';
import type { ToolAnswerEnd } from './tools.js';
import { askGenerator, textWithCalls } from './tools.js';
import { storableAnswer } from './turn.js';
import type { TokenCounter } from './window/build-window.js';
import { sourceOfTurn } from './window/sources.js';
import { smallerLimit } from './window/usable-tokens.js';
import type { ChatWindow, Citation } from './window/window.js';
import { isQuestion, wording } from './wording.js';

export type ChatEvents = AsyncGenerator<ChatEvent, void, undefined>;

/** How a message is answered, whatever is given for it. */
interface Manner {
  readonly setting: ConversationSetting;
  readonly language: ChatLanguage;
  readonly options: SendOptions;
}

/** An answer that the generator began before the message was stored. */
export interface BegunAnswer {
  readonly pieces: AsyncIterable<string, ToolAnswerEnd | undefined>;
  /** Ends it, if it has not ended. */
  readonly drop: () => void;
}

/** What the generator is given. */
export interface GivenForAnswer extends Omit<PreparedWindow, 'gathered'> {
  /** Is to be kept with the answer. */
  readonly changedProfile?: readonly string[] | undefined;
  readonly begun?: BegunAnswer | undefined;
}

export interface StoredMessage extends Manner {
  readonly question: ChatTurn;
  /** Whether it tells something of the user, so that no document need speak of it. */
  readonly isTold?: boolean;
  /** The answer that this one takes the place of. */
  readonly replaces?: ChatTurn | undefined;
  readonly counter: TokenCounter;
  /** Told what the generator is given, and of `undefined` when the answer is kept with it. */
  readonly onUnanswered: (window: ChatWindow | undefined) => void;
}

/** Lets the generator begin where nothing that is known only later decides whether it is asked. */
export function beginAnswer(
  { window, nothingFound }: PreparedWindow,
  { setting, language, options }: Manner,
): BegunAnswer | undefined {
  if (nothingFound || setting.generator.quotesOnly === true) return undefined;
  const { signal } = options;
  const dropped = new AbortController();
  const ended = signal === undefined ? dropped.signal : AbortSignal.any([signal, dropped.signal]);
  const pieces = begun(ask(window, { setting, language, options: { ...options, signal: ended } }));
  return {
    pieces,
    drop() {
      dropped.abort();
      pieces.return().catch(() => undefined);
    },
  };
}

/** Answers; where the model finds the window too long before it says anything, from a smaller one, once. */
export async function* answerMessage(asked: GivenForAnswer, message: StoredMessage): ChatEvents {
  let hasSpoken = false;
  let smaller: GivenForAnswer | undefined;
  try {
    for await (const event of answerOnce(asked, message)) {
      hasSpoken ||= event.kind === 'text';
      yield event;
    }
    return;
  } catch (error) {
    smaller = hasSpoken ? undefined : await smallerThan(asked, error, message);
    if (smaller === undefined) throw error;
  }
  yield* answerOnce(smaller, message);
}

/** The window anew for what the model really has; `undefined` where that would not help. */
async function smallerThan(
  asked: GivenForAnswer,
  failure: unknown,
  { setting, question, replaces: answer, language, options, counter }: StoredMessage,
): Promise<GivenForAnswer | undefined> {
  const limit = smallerLimit(asked.window, failure);
  if (limit === undefined) return undefined;
  const stored = answer === undefined ? { question } : { question, answer };
  const request = { message: question.text, language, counter, stored, ...asOffered(options) };
  try {
    return { ...asked, begun: undefined, ...(await prepareWindow(narrowed(setting, limit), request)) };
  } catch (error) {
    // Message and profile alone are too long for it: the model's own words tell more.
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

async function* answerOnce(asked: GivenForAnswer, message: StoredMessage): ChatEvents {
  const { setting, question, language, options, isTold = false, onUnanswered } = message;
  const { signal, tools, steps = [] } = options;
  const { generator } = setting;
  const window = withQuestion(asked.window, question);
  onUnanswered(window);
  const keep = (text: string): Promise<ChatTurn | undefined> =>
    keepAnswer({ ...asked, window }, message, text);
  const isAsked = isQuestion(question.text) || (generator.quotesOnly === true && !isTold);
  // What documents do not say, tools may.
  const isUnanswerable = asked.nothingFound && isAsked && tools === undefined && steps.length === 0;
  const pieces = isUnanswerable
    ? onePiece(wording[language].notInDocuments)
    : (asked.begun?.pieces ?? ask(window, message));
  let text = '';
  let ended: ToolAnswerEnd | undefined;
  let finish: ChatFinish | 'running' | 'failed' = 'running';
  try {
    yield { kind: 'window', window, turn: question };
    for await (const piece of tellingEnd(pieces, (returned) => (ended = returned))) {
      if (piece === '') continue;
      text += piece;
      yield { kind: 'text', text: piece };
      if (signal?.aborted) break;
    }
    finish = signal?.aborted ? 'stopped' : isUnanswerable ? 'not-in-documents' : (ended?.end ?? 'end');
  } catch (error) {
    finish = signal?.aborted || error instanceof AbortedError ? 'stopped' : 'failed';
    if (finish === 'failed') throw error;
  } finally {
    // Nobody reads on: what was said so far is kept all the same.
    if (finish === 'running') await keep(text);
  }
  const calls = finish === 'stopped' ? [] : (ended?.calls ?? []);
  if (calls.length > 0) {
    await keepSteps(setting, { ...question, steps }, [...steps, { text, calls }], language);
    yield { kind: 'calls', calls };
    const answerTokens = generator.countTokens(textWithCalls(text, calls));
    const usage = { promptTokens: window.tokens, answerTokens };
    return yield { kind: 'done', finish, citations: [], usage };
  }
  const turn = await keep(text);
  if (turn === undefined && finish === 'end')
    throw new GeneratorError('broken', `${generator.name} gave an empty answer. Try again.`);
  yield {
    kind: 'done',
    ...(turn === undefined ? {} : { turn }),
    finish,
    citations: citationsIn(window, text),
    usage: { promptTokens: window.tokens, answerTokens: generator.countTokens(text) },
  };
}

function ask(
  window: ChatWindow,
  { setting, language, options: { signal, tools } }: Manner,
): AsyncGenerator<string, ToolAnswerEnd> {
  const { generator, answer } = setting;
  const { maxTokens: _, ...sampling } = answer;
  return askGenerator(generator, window.messages, {
    ...sampling,
    maxTokens: window.answerTokens,
    window,
    language,
    tools,
    ...(signal === undefined ? {} : { signal }),
  });
}

/**
 * Stores an answer, if there is one, with what was given for it. It goes when what it repeats is forgotten, and says nothing
 * about the user.
 */
async function keepAnswer(
  { window, changedProfile }: GivenForAnswer,
  { setting, question, replaces, language, onUnanswered }: StoredMessage,
  written: string,
): Promise<ChatTurn | undefined> {
  const answer = storableAnswer(written);
  if (answer === '') return undefined;
  const { archive, user, session, now } = setting;
  const { id, turn, text, time } = await archive.addTurn({
    user,
    session,
    text: answer,
    speaker: assistantSpeaker,
    time: now(),
    from: firstTurnOf(session),
    facts: false,
    later: true,
    sources: sourcesOfAnswer(window, question, answer),
    window: keptWindow(window, language),
    ...(changedProfile && { profile: changedProfile }),
    ...(replaces === undefined ? {} : { replaces: replaces.id }),
  });
  onUnanswered(undefined);
  return { id, turn, session, role: 'assistant', text, time };
}

async function* onePiece(text: string): AsyncGenerator<string, ToolAnswerEnd> {
  yield text;
  return { end: 'end', calls: [] };
}

/** The window with the message under the id it was stored under. */
function withQuestion(window: ChatWindow, question: ChatTurn): ChatWindow {
  const { text: _, steps: __, ...stored } = sourceOfTurn(question);
  const parts = window.parts.map((part) =>
    part.kind === 'message'
      ? { ...part, items: part.items.map((item) => Object.assign({}, item, stored)) }
      : part,
  );
  return { ...window, parts };
}

/** The documents that an answer names by their numbers. */
function citationsIn(window: ChatWindow, answer: string): readonly Citation[] {
  const cited = new Set([...answer.matchAll(/\[(\d{1,3})\]/g)].map((match) => Number(match[1])));
  const given = window.parts.flatMap(({ items }) => items.flatMap(({ citation }) => citation ?? []));
  return given.filter(({ number }) => cited.has(number));
}
