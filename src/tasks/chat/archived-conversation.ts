// A conversation whose turns are in the archive before anybody is told of them. Knows no model.
import { throwIfAborted } from '../../core/abort.js';
import { DataError } from '../../core/errors.js';
import type { Receipt } from '../../archive/index.js';
import { checkText, maxEpisodeLength } from '../../archive/episode-input.js';
import type { ChatEvents, StoredMessage } from './answer-message.js';
import { answerMessage, beginAnswer } from './answer-message.js';
import { keepSteps } from './keep-steps.js';
import { readWindow } from './kept-window.js';
import type { Conversation, ForgetWithin, SendOptions, Why } from './conversation.js';
import { GeneratorError, withMessageKept } from './generator-error.js';
import type { ChatLanguage, ChatTurn } from './message.js';
import { languageOf } from './message.js';
import type { PreparedWindow, WindowRequest } from './prepare-window.js';
import { prepareWindow, sumUpAhead } from './prepare-window.js';
import { branchName, firstTurnOf, lineageOf } from './session-name.js';
import type { ConversationSetting } from './setting.js';
import { asOffered, narrowed, usable } from './setting.js';
import { countingOnce } from './token-counts.js';
import { turnOf } from './turn.js';
import { describeWindow, languageIn } from './why.js';
import type { TokenCounter } from './window/build-window.js';
import { usableTokens } from './window/usable-tokens.js';
import type { ChatWindow } from './window/window.js';

const manyTurns = 100_000;

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

  send(message: string, options: SendOptions = {}): ChatEvents {
    return this.#oneByOne(() => this.#send(message, options));
  }

  regenerate(options: SendOptions = {}): ChatEvents {
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
  async *#oneByOne(work: () => ChatEvents): ChatEvents {
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

  async *#send(message: string, asked: SendOptions): ChatEvents {
    const options = usable(this.#setting, asked);
    throwIfAborted(options.signal);
    checkText(message, maxEpisodeLength, 'Put it in a file, and ask about it with --knowledge.');
    this.#setting = narrowed(this.#setting, usableTokens(this.#setting.generator));
    const { archive } = this.#setting;
    const language = this.#languageFor(message);
    const request: WindowRequest = { message, language, counter: this.#counter, ...asOffered(options) };
    // Somebody waits for the first word.
    const { prepared, begun, question, isTold } = await archive.urgently(() => this.#begin(request, options));
    try {
      yield* answerMessage({ ...prepared, begun }, this.#stored({ question, language, options, isTold }));
    } finally {
      begun?.drop();
    }
    await this.#sumUpAhead(request, prepared);
  }

  /** All that comes before an answer. The generator begins while the message is stored; nobody hears it before that is done. */
  async #begin(request: WindowRequest, options: SendOptions) {
    const setting = this.#setting;
    const { archive, user, session, now } = setting;
    const { message, language } = request;
    const prepared = await prepareWindow(setting, request);
    const { changedProfile } = prepared.gathered;
    const begun = beginAnswer(prepared, { setting, language, options });
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
      await keepSteps(setting, question, options.steps ?? [], language);
      return { prepared, begun, question, isTold: stored.facts.length > 0 };
    } catch (error) {
      begun?.drop();
      throw error;
    }
  }

  async *#regenerate(asked: SendOptions): ChatEvents {
    const options = usable(this.#setting, asked);
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
    const going = usable(this.#setting, { ...options, steps: options.steps ?? question.steps ?? [] });
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
    yield* answerMessage(
      { ...prepared, changedProfile },
      this.#stored({ question, language, options: going, replaces: answer }),
    );
    await this.#sumUpAhead(request, prepared);
  }

  #stored(
    message: Pick<StoredMessage, 'question' | 'language' | 'options' | 'isTold' | 'replaces'>,
  ): StoredMessage {
    const { turn } = message.question;
    return {
      ...message,
      setting: this.#setting,
      counter: this.#counter,
      onUnanswered: (window) => (this.#unanswered = window && { turn, window }),
    };
  }

  /** After the answer, where nobody waits for it. What cannot be written now is tried again before the next answer, and told then. */
  async #sumUpAhead(request: WindowRequest, { gathered }: PreparedWindow): Promise<void> {
    await sumUpAhead(this.#setting, request, gathered).catch(() => undefined);
  }
}
