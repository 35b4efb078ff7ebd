// One conversation: its turns, the answer being written, what the model was given. Knows nothing of how it looks.
import type { AnswerExtension, ChatWindow, Citation, ToolStep, Turn } from '../../../src/server/wire.js';
import type { AnswerEvent } from './api/answer.js';
import type { ApiError } from './api/api-error.js';
import { asApiError, isAbort } from './api/api-error.js';
import type { Client } from './api/client.js';
import type { Language } from './texts/texts.js';

/** How an answer ended that did not end by itself: the person stopped it, it had all its tokens, or a filter took the rest. */
export type Ending = 'stopped' | 'length' | 'content-filter';

/** A turn as it is shown. It has no number until the server has stored it. */
export interface ShownTurn {
  readonly role: Turn['role'];
  readonly text: string;
  readonly turn?: number;
  readonly id?: string;
  readonly time?: string;
  readonly ending?: Ending;
  readonly citations?: readonly Citation[];
  /** Tools that were called for it. */
  readonly steps?: readonly ToolStep[];
}

export type ConversationStatus = 'idle' | 'loading' | 'waiting' | 'writing';

export interface ConversationOptions {
  readonly client: Client;
  /** Whose memory; `undefined` for the server's default. */
  readonly user: () => string | undefined;
  readonly newSession: () => string;
  /** The model that answers; the server's first when `undefined`. */
  readonly model: () => string | undefined;
  /** Of what the server says in words. */
  readonly language: () => Language;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told when a session was written to. */
  readonly changed: (session: string) => void;
}

/** How often, and after how long each time, a server is asked what it kept of an answer that was stopped. */
const settleTries = 5;
const settleMs = 200;

const shown = ({ role, text, turn, id, time, steps }: Turn): ShownTurn => ({
  role,
  text,
  turn,
  id,
  time,
  ...(steps && { steps }),
});

/** Whether one text is how the other begins. */
function beginAlike(a: string, b: string): boolean {
  const [one, other] = [a.trim(), b.trim()];
  return one.startsWith(other) || other.startsWith(one);
}

const stopped = (turn: Turn): ShownTurn => ({ ...shown(turn), ending: 'stopped' });

/** What is to be told of how an answer ended. */
const endingOf = (finish: AnswerExtension['finish']): { readonly ending?: Ending } =>
  finish === 'stopped' || finish === 'length' || finish === 'content-filter' ? { ending: finish } : {};

export class Conversation {
  readonly #options: ConversationOptions;
  #abort = new AbortController();
  #session: string | undefined = $state();
  #turns: readonly ShownTurn[] = $state.raw([]);
  #writing = $state('');
  #status: ConversationStatus = $state('idle');
  #error: ApiError | undefined = $state.raw();
  #window: ChatWindow | undefined = $state.raw();
  #windowTurn: number | undefined = $state();
  #windowLanguage: Language | undefined;
  #windowGone = $state(false);

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  /** Absent until the first message of a new session is sent. */
  get session(): string | undefined {
    return this.#session;
  }

  get turns(): readonly ShownTurn[] {
    return this.#turns;
  }

  /** The answer so far. */
  get writing(): string {
    return this.#writing;
  }

  get status(): ConversationStatus {
    return this.#status;
  }

  get busy(): boolean {
    return this.#status === 'waiting' || this.#status === 'writing';
  }

  get error(): ApiError | undefined {
    return this.#error;
  }

  /** What the model was given for the answer looked at: the last, unless another was chosen. */
  get window(): ChatWindow | undefined {
    return this.#window;
  }

  /** The turn whose answer `window` belongs to. */
  get windowTurn(): number | undefined {
    return this.#windowTurn;
  }

  /** Whether the server no longer knows what the model was given for the answer looked at. */
  get windowGone(): boolean {
    return this.#windowGone;
  }

  /** Begins a session without a name: the first message gives it one. */
  startNew(): void {
    this.#leave();
    this.#session = undefined;
  }

  /** Shows the turns of a session and what the model was given for the last answer. */
  async open(session: string): Promise<void> {
    if (session === this.#session && this.#error === undefined) return;
    const signal = this.#leave();
    this.#session = session;
    this.#status = 'loading';
    try {
      const { turns } = await this.#options.client.turns(session, this.#options.user());
      if (signal.aborted) return;
      this.#turns = turns.map(shown);
      this.#status = 'idle';
      await this.showWindow(this.#turns.findLast(({ role }) => role === 'assistant')?.turn);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** After the page's language changed, has what the model was given said in it. */
  async reword(): Promise<void> {
    if (this.#window !== undefined && this.#windowLanguage !== this.#options.language())
      await this.showWindow(this.#windowTurn);
  }

  /** Shows what the model was given for an answer, if it is kept. */
  async showWindow(turn: number | undefined): Promise<void> {
    const item = this.#turns.find((candidate) => candidate.turn === turn)?.id;
    if (this.busy || turn === undefined || item === undefined || this.#session === undefined) return;
    const { signal } = this.#abort;
    this.#windowTurn = turn;
    this.#window = undefined;
    this.#windowGone = false;
    const language = this.#options.language();
    this.#windowLanguage = language;
    try {
      const { window } = await this.#options.client.turnWindow(this.#session, item, language);
      if (!signal.aborted && this.#windowTurn === turn) this.#window = window;
    } catch (error) {
      if (signal.aborted) return;
      if (asApiError(error).kind === 'missing') this.#windowGone = true;
      else this.#error = asApiError(error);
    }
  }

  /** Sends a message and follows its answer to the end. Does nothing while another is being answered. */
  async send(text: string): Promise<void> {
    if (this.busy || this.#status === 'loading' || text.trim() === '') return;
    this.#session ??= this.#options.newSession();
    this.#turns = [...this.#turns, { role: 'user', text }];
    const request = {
      messages: [{ role: 'user' as const, content: text }],
      ...this.#asked(),
      mneme: { session: this.#session, language: this.#spoken() },
    };
    await this.#follow((signal) => this.#options.client.chat(request, signal));
  }

  /** Has the last message answered again, in the place of its answer. */
  async regenerate(): Promise<void> {
    const session = this.#session;
    if (this.busy || session === undefined || this.#turns.length === 0) return;
    const before = this.#turns;
    if (before.at(-1)?.role === 'assistant') this.#turns = before.slice(0, -1);
    const turns = this.#turns.length;
    const request = { ...this.#asked(), language: this.#spoken() };
    await this.#follow((signal) => this.#options.client.regenerate(session, request, signal));
    // Without a new answer the server keeps the old one.
    if (this.#session === session && this.#turns.length === turns) this.#turns = before;
  }

  /** Does again what failed: a message that the server has kept is answered, one that it has not is sent. */
  async retry(): Promise<void> {
    const session = this.#session;
    const last = this.#turns.at(-1);
    if (this.busy || session === undefined) return;
    if (last?.role !== 'user') return this.open(session);
    try {
      const { turns } = await this.#options.client.turns(session, this.#options.user()).catch(noTurnsYet);
      const kept = turns.at(-1);
      if (kept?.role === 'user' && kept.text === last.text) return await this.regenerate();
      this.#turns = turns.map(shown);
      if (kept?.role !== 'assistant' || turns.at(-2)?.text !== last.text) await this.send(last.text);
      else this.#error = undefined;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Stops the answer; what was written of it stays. */
  stop(): void {
    if (this.busy) this.#abort.abort();
  }

  /** Makes a session that shares the turns up to this one, and gives its name. */
  async branch(turn: number): Promise<string | undefined> {
    const session = this.#session;
    if (session === undefined || this.busy) return undefined;
    try {
      const made = await this.#options.client.branch(session, turn, this.#options.user());
      this.#options.changed(made.session);
      return made.session;
    } catch (error) {
      this.#error = asApiError(error);
      return undefined;
    }
  }

  /** The language in which the window of the next answer comes. */
  #spoken(): Language {
    return (this.#windowLanguage = this.#options.language());
  }

  /** Who asks, and which model. */
  #asked() {
    const [user, model] = [this.#options.user(), this.#options.model()];
    return { ...(user === undefined ? {} : { user }), ...(model === undefined ? {} : { model }) };
  }

  dismissError(): void {
    this.#error = undefined;
  }

  #leave(): AbortSignal {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#turns = [];
    this.#writing = '';
    this.#status = 'idle';
    this.#error = undefined;
    this.#window = undefined;
    this.#windowTurn = undefined;
    this.#windowGone = false;
    return this.#abort.signal;
  }

  #fail(error: unknown): void {
    this.#error = asApiError(error);
    this.#status = 'idle';
    this.#writing = '';
  }

  async #follow(start: (signal: AbortSignal) => AsyncIterable<AnswerEvent>): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#error = undefined;
    this.#writing = '';
    this.#status = 'waiting';
    const current = (): boolean => this.#abort === abort;
    let finished: ShownTurn | undefined;
    let ending: { readonly ending?: Ending } = {};
    try {
      for await (const event of start(abort.signal)) {
        if (!current()) return;
        if (event.kind === 'text') {
          this.#writing += event.text;
          this.#status = 'writing';
        } else if (event.kind === 'memory') {
          finished = this.#take(event.memory) ?? finished;
          ending = endingOf(event.memory.finish);
        }
      }
      if (current()) this.#end(finished ?? { role: 'assistant', text: this.#writing, ...ending });
    } catch (error) {
      if (!current()) return;
      if (!isAbort(error)) this.#fail(error);
      else {
        const text = this.#writing;
        this.#end(text === '' ? undefined : { role: 'assistant', text, ending: 'stopped' });
        if (text !== '') await this.#settle(text, abort.signal);
      }
    }
    if (this.#session !== undefined) this.#options.changed(this.#session);
  }

  /** Takes in what the stream says of memory; gives the answer's turn once it is stored. */
  #take({ userTurn, window, assistantTurn, finish, citations }: AnswerExtension): ShownTurn | undefined {
    if (userTurn !== undefined) this.#turns = [...withoutLastMessage(this.#turns), shown(userTurn)];
    if (window !== undefined) {
      this.#window = window;
      this.#windowTurn = undefined;
      this.#windowGone = false;
    }
    if (assistantTurn === undefined) return undefined;
    this.#windowTurn = assistantTurn.turn;
    return {
      ...shown(assistantTurn),
      ...endingOf(finish),
      ...(citations === undefined ? {} : { citations }),
    };
  }

  /** After an answer was stopped, takes in what the server kept of it, once it has. */
  async #settle(text: string, signal: AbortSignal): Promise<void> {
    const { client, user, sleep } = this.#options;
    for (let tries = 0; tries < settleTries; tries++) {
      await sleep(settleMs);
      const session = this.#session;
      if (session === undefined || this.#abort.signal !== signal || this.busy) return;
      const turns = await client.turns(session, user()).then(
        (found) => found.turns,
        () => [],
      );
      const kept = turns.at(-1);
      if (this.#abort.signal !== signal || kept?.role !== 'assistant' || !beginAlike(kept.text, text))
        continue;
      this.#turns = [...turns.slice(0, -1).map(shown), stopped(kept)];
      this.#windowTurn = kept.turn;
      return;
    }
  }

  #end(answer: ShownTurn | undefined): void {
    if (answer !== undefined) this.#turns = [...this.#turns, answer];
    this.#writing = '';
    this.#status = 'idle';
  }
}

/** The message that is being answered is replaced by what the server stored of it. */
const withoutLastMessage = (turns: readonly ShownTurn[]): readonly ShownTurn[] =>
  turns.at(-1)?.role === 'user' ? turns.slice(0, -1) : turns;

/** A session that was never written to has no turns. */
function noTurnsYet(error: unknown): { readonly turns: readonly Turn[] } {
  if (asApiError(error).kind === 'missing') return { turns: [] };
  throw error;
}
