// The archive as its users see it: one method an operation, each written elsewhere.
import { DataError } from '../core/errors.js';
import type { AnswerWindow } from './answer-windows.js';
import { findWindow } from './answer-windows.js';
import type { BrowseOptions } from './browse.js';
import { browse, firstTurns } from './browse.js';
import type { CheckReport } from './check.js';
import { check } from './check.js';
import type { Context } from './context.js';
import { storableText } from './context.js';
import type { SessionView, TurnInput, TurnOutcome } from './conversation-turns.js';
import { addTurn, listSessions } from './conversation-turns.js';
import type { DocumentInput, DocumentOutcome, DocumentView } from './documents.js';
import { addDocument, listDocuments } from './documents.js';
import type { Edited, EditOptions } from './edit.js';
import { edit } from './edit.js';
import { exportUser } from './export.js';
import type { FactsOptions } from './facts/list-facts.js';
import { listFacts } from './facts/list-facts.js';
import type { ForgetChoice, ForgetOptions, Receipt } from './forget.js';
import { forget } from './forget.js';
import type { ImportOptions, ImportReport } from './import.js';
import { importUser } from './import.js';
import { rotateKeys } from './privacy/rotate.js';
import type { RecallOptions } from './recall/query.js';
import type { Recollection } from './recall/recall.js';
import { recall } from './recall/recall.js';
import type { FullItem } from './recall/results.js';
import { itemsAt } from './recall/results.js';
import type { TurnsOptions } from './list-turns.js';
import { listTurns } from './list-turns.js';
import type { LongWork } from './progress.js';
import { fillVectors, reindexWords } from './reindex.js';
import { remember } from './remember.js';
import type { Profile } from './session-profiles.js';
import { findProfile, storableProfile } from './session-profiles.js';
import { findScope, listScopes, placeOf, placesOfTenant } from './scope.js';
import type { SummaryInput } from './summaries.js';
import { findSummary, replaceSummary } from './summaries.js';
import type { Summarizer } from './summarizer.js';
import { tidy } from './tidy.js';
import type { ToolStep, ToolStepsInput } from './tool-steps.js';
import { findToolSteps, storableSteps, writeToolSteps } from './tool-steps.js';
import type { TurnView } from './turn-cache.js';
import type { EpisodeInput, ItemId, Outcome } from './types.js';
import type { HistoryEntry } from './undo.js';
import { history, retire, undo } from './undo.js';
import type { Window, WindowOptions } from './window.js';
import { readWindow, summarizeSession } from './window.js';

/** Long-term memory of one tenant. Open it with `openArchive`. */
export class Archive {
  readonly #context: Context;
  #closed: Promise<void> | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * Stores one episode.
   *
   * @throws {DataError} when it cannot be used: an empty text, broken Unicode, an impossible time
   */
  async remember(episode: EpisodeInput | string): Promise<Outcome> {
    const [outcome] = await this.rememberAll([typeof episode === 'string' ? { text: episode } : episode]);
    if (outcome === undefined || outcome.status === 'rejected')
      throw new DataError(outcome?.reason ?? 'Nothing was given to remember.');
    return outcome;
  }

  /** Stores many episodes; what cannot be used is reported as `rejected` in its place. */
  rememberAll(episodes: readonly EpisodeInput[]): Promise<readonly Outcome[]> {
    return remember(this.#context, episodes);
  }

  /** Stores a turn of a conversation, always. */
  addTurn(turn: TurnInput): Promise<TurnOutcome> {
    return addTurn(this.#context, turn);
  }

  /**
   * Runs work of several steps that somebody waits for: where there is one connection for all, what is written `later` waits for
   * its end, but at most a tenth of a second.
   */
  urgently<T>(work: () => Promise<T>): Promise<T> {
    return this.#context.database.urgently(work);
  }

  /** Keeps the calls of tools for a message, with what they gave, in the place of those it had. */
  writeToolSteps(input: ToolStepsInput): Promise<void> {
    return writeToolSteps(this.#context, input);
  }

  /** The calls of tools for messages, by the items of those that have any. */
  toolSteps(messages: readonly ItemId[]): Promise<ReadonlyMap<ItemId, readonly ToolStep[]>> {
    return findToolSteps(this.#context, messages);
  }

  /** Such calls as they would be kept: personal data may be replaced. */
  storableSteps(steps: readonly ToolStep[]): readonly ToolStep[] {
    return storableSteps(this.#context, steps);
  }

  /** The latest turns of sessions, in order. */
  turns(options: TurnsOptions): Promise<readonly TurnView[]> {
    return listTurns(this.#context, options);
  }

  /** The sessions of a user, the one spoken in last first. */
  sessions(user?: string): Promise<readonly SessionView[]> {
    return listSessions(this.#context, user);
  }

  /** Stores a summary of turns in place of the session's earlier one, and returns it as it is stored. */
  replaceSummary(input: SummaryInput): Promise<FullItem> {
    return replaceSummary(this.#context, input);
  }

  /** The summary of a session that holds now. */
  summary(options: { readonly user: string; readonly session: string }): Promise<FullItem | undefined> {
    return findSummary(this.#context, options);
  }

  /** The user meant where none is named. */
  get defaultUser(): string {
    return this.#context.defaultUser;
  }

  /** Whether anything was ever told by, or of, a user. */
  async knows(user: string): Promise<boolean> {
    return (await findScope(this.#context.database, this.#context.tenant, user)) !== undefined;
  }

  /** Stores a document as chunks. */
  addDocument(input: DocumentInput): Promise<DocumentOutcome> {
    return addDocument(this.#context, input);
  }

  /** What answers a question best, best first. `explain` says why. */
  recall(question: string, options?: RecallOptions): Promise<readonly Recollection[]> {
    return recall(this.#context, question, options);
  }

  /** The items of these ids, in any order. @throws {DataError} when one does not exist or belongs to another tenant */
  async items(ids: readonly ItemId[]): Promise<readonly FullItem[]> {
    return itemsAt(this.#context, await placesOfTenant(this.#context.database, this.#context.tenant, ids));
  }

  /** Of these items those that are there, in any order: what was forgotten, or is another tenant's, is not among them. */
  itemsThere(ids: readonly ItemId[]): Promise<readonly FullItem[]> {
    return itemsAt(this.#context, ids.map(placeOf));
  }

  /** What was kept with an answer by `addTurn({ window })`, as far as it was not forgotten since. */
  answerWindow(answer: ItemId): Promise<AnswerWindow | undefined> {
    return findWindow(this.#context, answer);
  }

  /** What was kept by `addTurn({ profile })` with the last of these sessions that has one. */
  sessionProfile(options: {
    readonly user: string;
    readonly sessions: readonly string[];
  }): Promise<Profile | undefined> {
    return findProfile(this.#context, options);
  }

  /** A text as it would be kept: personal data may be replaced. */
  storableText(text: string): string {
    return storableText(this.#context, text);
  }

  /** Such texts as they would be kept: personal data may be replaced. */
  storableProfile(texts: Profile): Profile {
    return storableProfile(this.#context, texts);
  }

  /** What is held to be true of a user. */
  facts(options?: FactsOptions): Promise<readonly FullItem[]> {
    return listFacts(this.#context, options);
  }

  documents(user?: string): Promise<readonly DocumentView[]> {
    return listDocuments(this.#context, user);
  }

  /** Names of the users of whom something is held. */
  async users(): Promise<readonly string[]> {
    return (await listScopes(this.#context.database, this.#context.tenant)).map(({ user }) => user);
  }

  /** The latest turns of a session within a budget of tokens. */
  window(options: WindowOptions): Promise<Window> {
    return readWindow(this.#context, options);
  }

  /** Summarizes the turns that no longer fit the window. */
  summarizeSession(summarizer: Summarizer, options: WindowOptions): Promise<FullItem | undefined> {
    return summarizeSession(this.#context, summarizer, options);
  }

  /** Erases for good, everywhere, and gives a receipt. */
  forget(choice: ForgetChoice, options?: ForgetOptions): Promise<Receipt> {
    return forget(this.#context, choice, options);
  }

  /** What can be recalled, page by page, the latest stored first. */
  browse(options?: BrowseOptions): Promise<readonly FullItem[]> {
    return browse(this.#context, options);
  }

  /** The first turn of each session of a user, in any order. */
  firstTurns(user?: string): Promise<readonly FullItem[]> {
    return firstTurns(this.#context, user);
  }

  /**
   * Gives an episode another text. `undo` of the operation brings the old one back.
   *
   * @throws {DataError} when the text cannot be used, or the item is no episode that is recalled
   */
  edit(id: ItemId, text: string, options?: EditOptions): Promise<Edited> {
    return edit(this.#context, id, text, options);
  }

  /** Takes items out of recall; `undo` brings them back. Returns the operations, one for each user. */
  retire(ids: readonly ItemId[]): Promise<readonly number[]> {
    return retire(this.#context, ids);
  }

  /** What changed, the newest first. */
  history(options?: { readonly user?: string; readonly limit?: number }): Promise<readonly HistoryEntry[]> {
    return history(this.#context, options);
  }

  /** Sets back what an operation changed; returns the operation that undoes the undoing. */
  undo(operation: number): Promise<number> {
    return undo(this.#context, operation);
  }

  /** Everything held of a user, one JSON object a line. */
  export(user?: string): AsyncGenerator<string> {
    return exportUser(this.#context, user);
  }

  /** Takes in the lines of an export, all or none. */
  import(lines: AsyncIterable<string> | Iterable<string>, options?: ImportOptions): Promise<ImportReport> {
    return importUser(this.#context, lines, options);
  }

  /** Whether rows, indexes and counts agree. */
  check(work?: LongWork): Promise<CheckReport> {
    return check(this.#context, work);
  }

  /** Makes the index of words again and embeds what has no vector. Another embedder takes `reindexArchive`. */
  async reindex(work?: LongWork): Promise<void> {
    await reindexWords(this.#context, work);
    await fillVectors(this.#context, work);
    await tidy(this.#context.database, { always: true });
  }

  /** Seals the whole store anew with the current key; returns how many texts. */
  rotateKeys(work?: LongWork): Promise<number> {
    return rotateKeys(this.#context, work);
  }

  /**
   * An embedded database into which much was written is tidied up first, which can take seconds. Closing again waits for the
   * first time.
   */
  close(): Promise<void> {
    const { database } = this.#context;
    this.#closed ??= tidy(database).finally(() => database.close());
    return this.#closed;
  }
}
