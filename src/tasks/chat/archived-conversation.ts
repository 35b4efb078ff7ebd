// A conversation whose turns are in the archive before anybody is told of them. Knows no model.
import { throwIfAborted } from '../../core/abort.js';
import { begun } from '../../core/begun.js';
import { tellingEnd } from '../../core/telling-end.js';
import { AbortedError, DataError } from '../../core/errors.js';
import { given } from '../../core/given.js';
import type { Receipt } from '../../archive/index.js';
import { checkText, maxEpisodeLength } from '../../archive/episode-input.js';
import { sourcesOfAnswer } from './answer-sources.js';
import { keepSteps } from './keep-steps.js';
import { keptWindow, readWindow } from './kept-window.js';
import type { Conversation, ForgetWithin, SendOptions, Why } from './conversation.js';
import type { ChatEvent, ChatFinish } from './events.js';
import type { Generator } from './generator.js';
import { GeneratorError, withMessageKept } from './generator-error.js';
import type { ChatLanguage, ChatTurn } from './message.js';
import { assistantSpeaker, languageOf } from './message.js';
import type { AnswerOptions } from './options.js';
import type { PreparedWindow, WindowRequest, WindowSetting } from './prepare-window.js';
import { prepareWindow, sumUpAhead } from './prepare-window.js';
import { branchName, firstTurnOf, lineageOf } from './session-name.js';
import { countingOnce } from './token-counts.js';
import type { ToolAnswerEnd } from './tools.js';
import { askGenerator, textWithCalls } from './tools.js';
import { storableAnswer, turnOf } from './turn.js';
import { describeWindow, languageIn } from './why.js';
import type { TokenCounter } from './window/build-window.js';
import { sourceOfTurn } from './window/sources.js';
import { smallerLimit, usableTokens } from './window/usable-tokens.js';
import type { ChatWindow, Citation } from './window/window.js';
import { isQuestion, wording } from './wording.js';

export interface ConversationSetting extends WindowSetting {
  readonly generator: Generator;
  readonly answer: AnswerOptions;
  readonly language: ChatLanguage | undefined;
  readonly now: () => Date;
}

const manyTurns = 100_000;

/** An answer that the generator began before the message was stored. */
interface BegunAnswer {
  readonly pieces: AsyncIterable<string, ToolAnswerEnd | undefined>;
  /** Ends it, if it has not ended. */
  readonly drop: () => void;
}

interface Asked extends Omit<PreparedWindow, 'gathered'> {
  /** Is to be kept with the answer. */
  readonly changedProfile?: readonly string[] | undefined;
  readonly begun?: BegunAnswer | undefined;
  /** Whether the message tells something of the user, so that no document need speak of it. */
  readonly isTold?: boolean;
}

type Events = AsyncGenerator<ChatEvent, void, undefined>;

export class ArchivedConversation implements Conversation {
  readonly user: string;
  readonly session: string;
  #setting: ConversationSetting;
  /** What was given for the question whose answer is being written, or failed. That of an answer is in the archive. */
  #unanswered: { readonly turn: number; readonly window: ChatWindow } | undefined;
  /** Names of branches that have no turns yet, shared among branches. */
  readonly #branches: Set<string>;
  #counter: TokenCounter;
  #last: Promise<void> = Promise.resolve();

  constructor(setting: ConversationSetting, branches: Set<string> = new Set()) {
    this.user = setting.user;
    this.session = setting.session;
    this.#setting = setting;
    this.#branches = branches;
    this.#counter = countingOnce(setting.generator);
  }

  send(message: string, options: SendOptions = {}): Events {
    return this.#oneByOne(() => this.#send(message, options));
  }

  regenerate(options: SendOptions = {}): Events {
    return this.#oneByOne(() => this.#regenerate(options));
  }

  async branch(fromTurn: number): Promise<Conversation> {
    const { archive, user } = this.#setting;
    const turn = (await this.history()).find((one) => one.turn === fromTurn);
    if (turn === undefined)
      throw new DataError(
        `There is no turn ${fromTurn} in "${this.session}". Take its number from the history.`,
        {
          fields: { session: this.session, turn: fromTurn },
        },
      );
    const sessions = new Set((await archive.sessions(user)).map(({ session }) => session));
    const session = branchName(
      turn.session,
      fromTurn,
      (name) => sessions.has(name) || this.#branches.has(name),
    );
    this.#branches.add(session);
    return new ArchivedConversation({ ...this.#setting, session }, this.#branches);
  }

  async history(): Promise<readonly ChatTurn[]> {
    return this.#latest(manyTurns);
  }

  async why(turn?: number): Promise<Why> {
    const window = await this.#given(turn);
    if (window === undefined)
      throw new DataError(
        turn === undefined
          ? `It is not known what was given in "${this.session}": nothing was answered yet, or that was forgotten since.`
          : `What was given for turn ${turn} is not known: it has no answer, one of long ago, or one that was forgotten since.`,
        { fields: { turn } },
      );
    return { window, lines: describeWindow(window, this.#setting.language ?? languageIn(window)) };
  }

  /** What was given for an answer, by its number or that of its question; by default for what was said last. */
  async #given(turn: number | undefined): Promise<ChatWindow | undefined> {
    const asked = this.#unanswered;
    if (asked !== undefined && (turn ?? asked.turn) === asked.turn) return asked.window;
    const turns = await this.history();
    const named =
      turn === undefined
        ? turns.findLast(({ role }) => role === 'assistant')
        : turns.find((one) => one.turn === turn);
    const answer = named?.role === 'user' ? turns[turns.indexOf(named) + 1] : named;
    if (answer?.role !== 'assistant') return undefined;
    const { archive, language, profile } = this.#setting;
    return readWindow(archive, answer.id, { language, ...(profile && { profile }) });
  }

  async forget(choice: ForgetWithin): Promise<Receipt> {
    const { archive, user, generator } = this.#setting;
    if ('ids' in choice) {
      const others = (await archive.items(choice.ids)).filter((item) => item.user !== user);
      if (others.length > 0)
        throw new DataError(
          `There is no item "${others[0]?.id}" of "${user}". Take ids from what was recalled.`,
          {
            fields: { id: others[0]?.id },
          },
        );
    }
    const receipt = await archive.forget('ids' in choice ? choice : { ...choice, user });
    this.#unanswered = undefined;
    this.#counter = countingOnce(generator);
    generator.reset?.();
    return receipt;
  }

  export(): AsyncGenerator<string> {
    return this.#setting.archive.export(this.user);
  }

  async #latest(limit: number): Promise<readonly ChatTurn[]> {
    const { archive, user, session } = this.#setting;
    return (await archive.turns({ user, sessions: lineageOf(session), limit })).map(turnOf);
  }

  /** Calls wait until those before them have ended. */
  async *#oneByOne(work: () => Events): Events {
    const before = this.#last;
    let end = (): void => undefined;
    this.#last = new Promise((resolve) => (end = resolve));
    await before;
    try {
      yield* work();
    } catch (error) {
      // A generator is heard only once the message that it answers is stored.
      throw error instanceof GeneratorError ? withMessageKept(error) : error;
    } finally {
      end();
    }
  }

  #languageFor(text: string): ChatLanguage {
    return this.#setting.language ?? languageOf(text);
  }

  async *#send(message: string, asked: SendOptions): Events {
    const options = this.#usable(asked);
    throwIfAborted(options.signal);
    checkText(message, maxEpisodeLength, 'Put it in a file, and ask about it with --knowledge.');
    this.#setting = narrowed(this.#setting, usableTokens(this.#setting.generator));
    const { archive, user, session, now } = this.#setting;
    const language = this.#languageFor(message);
    const request: WindowRequest = { message, language, counter: this.#counter, ...asOffered(options) };
    const prepared = await prepareWindow(this.#setting, request);
    const { changedProfile } = prepared.gathered;
    // The generator begins while the message is stored; what it says is not heard before that is done.
    const begunAnswer = this.#begin(prepared, language, options);
    try {
      const stored = await archive.addTurn({
        user,
        session,
        text: message,
        time: now(),
        from: firstTurnOf(session),
        ...(changedProfile && { profile: changedProfile }),
      });
      const { id, turn, text, time } = stored;
      const question: ChatTurn = { id, turn, session, role: 'user', text, time };
      await keepSteps(this.#setting, question, options.steps ?? [], language);
      const asked = { ...prepared, begun: begunAnswer, isTold: stored.facts.length > 0 };
      yield* this.#answerFitting(asked, question, language, options);
    } finally {
      begunAnswer?.drop();
    }
    await this.#sumUpAhead(request, prepared);
  }

  async *#regenerate(asked: SendOptions): Events {
    const options = this.#usable(asked);
    throwIfAborted(options.signal);
    this.#setting = narrowed(this.#setting, usableTokens(this.#setting.generator));
    const turns = await this.#latest(2);
    const question = turns.findLast(({ role }) => role === 'user');
    const last = turns.at(-1);
    const answer = last?.role === 'assistant' ? last : undefined;
    if (question === undefined || (answer !== undefined && answer.session !== this.session))
      throw new DataError(
        `Nothing was asked in "${this.session}" that could be answered again. Send a message first.`,
        {
          fields: { session: this.session },
        },
      );
    if (question.session !== this.session && (options.tools ?? options.steps) !== undefined)
      throw new DataError(
        `Turn ${question.turn} was said in "${question.session}", from which "${this.session}" branched: tools are called for it there. Say it again here.`,
        { fields: { session: this.session, turn: question.turn } },
      );
    const language = this.#languageFor(question.text);
    const going = this.#usable({ ...options, steps: options.steps ?? question.steps ?? [] });
    const request: WindowRequest = {
      message: question.text,
      language,
      counter: this.#counter,
      stored: answer === undefined ? { question } : { question, answer },
      ...asOffered(going),
    };
    const prepared = await prepareWindow(this.#setting, request);
    const { changedProfile } = prepared.gathered;
    if (options.steps !== undefined) await keepSteps(this.#setting, question, options.steps, language);
    yield* this.#answerFitting({ ...prepared, changedProfile }, question, language, going, answer);
    await this.#sumUpAhead(request, prepared);
  }

  /** Without tools and calls, where the model can make nothing of them. */
  #usable({ signal, tools, steps }: SendOptions): SendOptions {
    return given(this.#setting.callsTools ? { signal, tools, steps } : { signal });
  }

  /** After the answer, where nobody waits for it. What cannot be written now is tried again before the next answer, and told then. */
  async #sumUpAhead(request: WindowRequest, { gathered }: PreparedWindow): Promise<void> {
    await sumUpAhead(this.#setting, request, gathered).catch(() => undefined);
  }

  /** Lets the generator begin where nothing that is known only later decides whether it is asked. */
  #begin(
    { window, nothingFound }: PreparedWindow,
    language: ChatLanguage,
    options: SendOptions,
  ): BegunAnswer | undefined {
    if (nothingFound || this.#setting.generator.quotesOnly === true) return undefined;
    const { signal } = options;
    const dropped = new AbortController();
    const ended = signal === undefined ? dropped.signal : AbortSignal.any([signal, dropped.signal]);
    const pieces = begun(this.#ask(window, language, { ...options, signal: ended }));
    return {
      pieces,
      drop() {
        dropped.abort();
        pieces.return().catch(() => undefined);
      },
    };
  }

  /** Answers; where the model finds the window too long before it says anything, from a smaller one, once. */
  async *#answerFitting(
    asked: Asked,
    question: ChatTurn,
    language: ChatLanguage,
    options: SendOptions,
    replaces?: ChatTurn,
  ): Events {
    let hasSpoken = false;
    try {
      for await (const event of this.#answer(asked, question, language, options, replaces)) {
        hasSpoken ||= event.kind === 'text';
        yield event;
      }
      return;
    } catch (error) {
      const smaller = hasSpoken
        ? undefined
        : await this.#smaller(asked, error, { question, language, options, replaces });
      if (smaller === undefined) throw error;
      asked = smaller;
    }
    yield* this.#answer(asked, question, language, options, replaces);
  }

  /** The window anew for what the model really has; `undefined` where that would not help. */
  async #smaller(
    asked: Asked,
    failure: unknown,
    to: {
      readonly question: ChatTurn;
      readonly language: ChatLanguage;
      readonly options: SendOptions;
      readonly replaces: ChatTurn | undefined;
    },
  ): Promise<Asked | undefined> {
    const limit = smallerLimit(asked.window, failure);
    if (limit === undefined) return undefined;
    const { question, language, options, replaces: answer } = to;
    const stored = answer === undefined ? { question } : { question, answer };
    const message = question.text;
    const request = { message, language, counter: this.#counter, stored, ...asOffered(options) };
    try {
      return {
        ...asked,
        begun: undefined,
        ...(await prepareWindow(narrowed(this.#setting, limit), request)),
      };
    } catch (error) {
      // Message and profile alone are too long for it: the model's own words tell more.
      if (error instanceof DataError) return undefined;
      throw error;
    }
  }

  /**
   * @param replaces the answer that this one takes the place of
   */
  async *#answer(
    { window: built, nothingFound, begun: begunAnswer, isTold = false, changedProfile }: Asked,
    question: ChatTurn,
    language: ChatLanguage,
    options: SendOptions,
    replaces?: ChatTurn,
  ): Events {
    const { signal, tools, steps = [] } = options;
    const window = withQuestion(built, question);
    this.#unanswered = { turn: question.turn, window };
    const keep = (text: string): Promise<ChatTurn | undefined> =>
      this.#keep({ window, changedProfile }, question, text, replaces, language);
    const { generator } = this.#setting;
    const isAsked = isQuestion(question.text) || (generator.quotesOnly === true && !isTold);
    // What documents do not say, tools may.
    const isUnanswerable = nothingFound && isAsked && tools === undefined && steps.length === 0;
    const pieces = isUnanswerable
      ? onePiece(wording[language].notInDocuments)
      : (begunAnswer?.pieces ?? this.#ask(window, language, options));
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
      await keepSteps(this.#setting, { ...question, steps }, [...steps, { text, calls }], language);
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

  #ask(
    window: ChatWindow,
    language: ChatLanguage,
    { signal, tools }: SendOptions,
  ): AsyncGenerator<string, ToolAnswerEnd> {
    const { generator, answer } = this.#setting;
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
  async #keep(
    { window, changedProfile }: Pick<Asked, 'window' | 'changedProfile'>,
    question: ChatTurn,
    written: string,
    replaces: ChatTurn | undefined,
    language: ChatLanguage,
  ): Promise<ChatTurn | undefined> {
    const answer = storableAnswer(written);
    if (answer === '') return undefined;
    const { archive, user, session, now } = this.#setting;
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
    this.#unanswered = undefined;
    return { id, turn, session, role: 'assistant', text, time };
  }
}

/** With fewer tokens for prompt and answer, shared as before; the same where there are not fewer. */
function narrowed(setting: ConversationSetting, limit: number): ConversationSetting {
  if (limit >= setting.limit) return setting;
  const answerTokens = Math.max(1, Math.floor((setting.answerTokens * limit) / setting.limit));
  return { ...setting, limit, answerTokens };
}

/** What a window depends on of how a message is answered. */
const asOffered = ({ tools, steps }: SendOptions): Pick<WindowRequest, 'tools' | 'steps'> =>
  given({ tools, steps });

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
