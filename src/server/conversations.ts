// The conversations of a server: one answer at a time in each. Knows no format.
import type { Archive } from '../archive/index.js';
import type {
  AnsweredCall,
  AnswerOptions,
  ChatEvent,
  ChatTurn,
  Conversation,
  ConversationOptions,
  Generator,
  Knowledge,
  ToolFields,
  ToolStep,
} from '../tasks/chat/index.js';
import { BoundedMap } from '../core/bounded-map.js';
import { InternalError } from '../core/errors.js';
import { assistantSpeaker } from '../tasks/chat/message.js';
import { lineageOf } from '../tasks/chat/session-name.js';
import { given } from '../core/given.js';
import { KeyedLock } from './keyed-lock.js';
import type { ToolResults } from './tools.js';
import { misplaced, requireResults } from './tools.js';

export type OpenConversation = (options: ConversationOptions) => Promise<Conversation>;

/** Which conversation is meant. */
export interface ConversationPlace {
  readonly tenant: string;
  readonly archive: Archive;
  /** The archive's default user when absent. */
  readonly user: string | undefined;
  readonly session: string;
}

export interface AnswerRequest {
  readonly generator: Generator;
  readonly profile?: readonly string[];
  readonly knowledge?: Knowledge | undefined;
  readonly answer: AnswerOptions;
  readonly signal: AbortSignal;
  readonly tools?: ToolFields | undefined;
  /** What was called for the message so far. */
  readonly steps?: readonly ToolStep[];
}

/** Stands where a conversation is only looked at. */
const silent: Generator = {
  name: 'nobody',
  maxTokens: Infinity,
  exact: false,
  countTokens: () => 0,
  countPrompt: () => 0,
  generate() {
    throw new InternalError('Nobody answers here.');
  },
};

/** Conversations of which it is known that their last message was answered. */
const keptAnswered = { entries: 10_000 };

/** Opens a conversation for each request: everything it knows is in the archive. */
export class Conversations {
  readonly #open: OpenConversation;
  readonly #lock = new KeyedLock();
  readonly #answered = new BoundedMap<true>(keptAnswered);

  constructor(open: OpenConversation) {
    this.#open = open;
  }

  /**
   * Says something and answers it. A message that is there already without an answer, because the generator failed, the
   * server stopped, or tools are called for it, is not said twice: it is answered.
   */
  send(place: ConversationPlace, message: string, request: AnswerRequest): AsyncGenerator<ChatEvent> {
    return this.#answer(place, request, async (conversation) => {
      const isThere = await this.#isThere(place, message, request);
      return isThere ? conversation.regenerate(request) : conversation.send(message, request);
    });
  }

  /**
   * Goes on with the last message when it is told what the calls for it gave.
   * @throws {HttpError} 400 when no such calls wait, or one of them is left without a result
   */
  resume(place: ConversationPlace, results: ToolResults, request: AnswerRequest): AsyncGenerator<ChatEvent> {
    return this.#answer(place, request, async (conversation) => {
      const said = (await conversation.history()).findLast(({ role }) => role === 'user');
      return conversation.regenerate({ ...request, steps: withResults(said?.steps ?? [], results) });
    });
  }

  /** Answers the last message again. */
  regenerate(place: ConversationPlace, request: AnswerRequest): AsyncGenerator<ChatEvent> {
    return this.#answer(place, request, async (conversation) => conversation.regenerate(request));
  }

  /** The turns in order; none where there is no such conversation. */
  async turns(place: ConversationPlace): Promise<readonly ChatTurn[]> {
    return (await this.#silent(place)).history();
  }

  /** Another conversation that shares everything up to and with a turn; returns its name. */
  async branch(place: ConversationPlace, turn: number): Promise<string> {
    return (await (await this.#silent(place)).branch(turn)).session;
  }

  /** A conversation that nobody answers in. */
  #silent(place: ConversationPlace): Promise<Conversation> {
    return this.#open({
      archive: place.archive,
      session: place.session,
      generator: silent,
      ...userOf(place),
    });
  }

  /** Drops what is known of a tenant's conversations: something in it may have been forgotten. */
  forget(tenant: string): void {
    const prefix = `${JSON.stringify([tenant]).slice(0, -1)},`;
    this.#answered.deleteWhere((key) => key.startsWith(prefix));
  }

  /**
   * Whether a message is what was said last, and is not answered.
   * Where tools were called for it, it may be answered, to somebody who did not hear it.
   */
  async #isThere(
    place: ConversationPlace,
    message: string,
    { tools, steps }: AnswerRequest,
  ): Promise<boolean> {
    const isGoingOn = steps !== undefined;
    if (!isGoingOn && this.#answered.has(nameOf(place))) return false;
    const { archive, session } = place;
    const turns = await archive.turns({ ...userOf(place), sessions: lineageOf(session), limit: 2 });
    const last = turns.at(-1);
    const isAnswered = last?.speaker === assistantSpeaker;
    const said = isAnswered ? turns.at(-2) : last;
    if (isAnswered && !isGoingOn) return false;
    // What a branch shares is as it was: calls for it would stand in both.
    if (said?.session !== session && (isGoingOn || tools !== undefined)) return false;
    // It is kept as it may be kept: personal data may be replaced.
    return said?.text === archive.storableText(message);
  }

  async *#answer(
    place: ConversationPlace,
    { generator, profile, knowledge, answer, signal }: AnswerRequest,
    ask: (conversation: Conversation) => Promise<AsyncGenerator<ChatEvent>>,
  ): AsyncGenerator<ChatEvent> {
    const { archive, session } = place;
    const name = nameOf(place);
    const release = await this.#lock.acquire(name, signal);
    try {
      const conversation = await this.#open({
        archive,
        generator,
        session,
        answer,
        ...userOf(place),
        ...(profile && { profile }),
        ...(knowledge && { knowledge }),
      });
      for await (const event of await ask(conversation)) {
        if (event.kind === 'window') this.#answered.delete(name);
        if (event.kind === 'done' && event.turn !== undefined) this.#answered.set(name, true);
        yield event;
      }
    } finally {
      release();
    }
  }
}

/** The last calls with what they gave; told once more, a result takes the place of the one before. */
function withResults(steps: readonly ToolStep[], results: ToolResults): readonly ToolStep[] {
  const last = steps.at(-1);
  const calls = (last?.calls ?? []).map((call): AnsweredCall =>
    Object.assign({}, call, given({ result: results.get(call.id) })),
  );
  const unknown = [...results.keys()].find((id) => !calls.some((call) => call.id === id));
  if (last === undefined || unknown !== undefined)
    throw misplaced(
      'messages',
      `No call "${(unknown ?? '').slice(0, 100)}" waits for a result in this conversation. Send the user's message and the call too`,
    );
  requireResults(calls, 'messages');
  return [...steps.slice(0, -1), { ...last, calls }];
}

const nameOf = ({ tenant, user, session }: ConversationPlace): string =>
  JSON.stringify([tenant, user, session]);

const userOf = ({ user }: ConversationPlace): { readonly user?: string } =>
  user === undefined ? {} : { user };
