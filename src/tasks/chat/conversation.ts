// A conversation that is kept in the archive and remembers others: what people call. Knows no model and no terminal.
import type { ForgetChoice, Receipt } from '../../archive/index.js';
import type { ChatEvent } from './events.js';
import type { ChatTurn } from './message.js';
import type { ToolFields, ToolStep } from './tools.js';
import type { ChatWindow } from './window/window.js';

export interface SendOptions {
  /** Ends the answer; what was said so far is kept. */
  readonly signal?: AbortSignal;
  /** Offered to a model that can call them; what it calls comes as an event `calls`, and is made by whoever offered them. */
  readonly tools?: ToolFields | undefined;
  /**
   * What was called for this message so far, in order, each call with what it gave: the model goes on from there. Kept with
   * the message; when absent, what is kept holds.
   */
  readonly steps?: readonly ToolStep[];
}

/** What the model was given for an answer, and why. */
export interface Why {
  readonly window: ChatWindow;
  /** In words, one a line. */
  readonly lines: readonly string[];
}

/** What can be forgotten from within a conversation: always of its user. */
export type ForgetWithin = Exclude<
  ForgetChoice,
  { readonly expired: true } | { readonly weakerThan: number }
>;

/**
 * A session of a user. Turns are in the archive as soon as they are acknowledged: the user's with the `window` event, the
 * assistant's with `done`. Calls are answered one after the other.
 */
export interface Conversation {
  readonly user: string;
  readonly session: string;
  /**
   * Stores the message and answers it.
   *
   * @throws {DataError} when the message is empty, not valid Unicode, or does not fit the window with the profile (`fields`
   * hold the numbers); nothing is stored then
   * @throws {GeneratorError} when the generator fails; the user's turn is kept, and `regenerate` tries again
   */
  send(message: string, options?: SendOptions): AsyncGenerator<ChatEvent, void, undefined>;
  /**
   * Answers the last message again. The new answer takes the place of the old one when it is complete; until then, and when
   * it fails, the old one stays.
   *
   * @throws {DataError} when nothing was said yet
   */
  regenerate(options?: SendOptions): AsyncGenerator<ChatEvent, void, undefined>;
  /**
   * Another conversation that shares everything up to and with a turn; the two go on independently. A turn that is forgotten
   * is gone from both.
   *
   * @throws {DataError} when there is no such turn
   */
  branch(fromTurn: number): Promise<Conversation>;
  /** The turns in order, those before the branch included. */
  history(): Promise<readonly ChatTurn[]>;
  /**
   * What was given for an answer, also for one of before the conversation was opened. What was forgotten since says so.
   *
   * @param turn of an answer, or of its question; default: the last one
   * @throws {DataError} when it is not known: there is no answer, it is beyond what is kept, or it was forgotten
   */
  why(turn?: number): Promise<Why>;
  /** Erases for good, in the archive and in what is kept here. */
  forget(choice: ForgetWithin): Promise<Receipt>;
  /** Everything held of the user, one JSON object a line. */
  export(): AsyncGenerator<string>;
}
