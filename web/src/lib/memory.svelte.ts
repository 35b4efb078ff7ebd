// The archive as it is browsed: pages of items, a search, changes and how to take them back. Knows nothing of how it looks.
import type { HistoryResponse, Item, Receipt, Recollection } from '../../../src/server/wire.js';
import type { ApiError } from './api/api-error.js';
import { asApiError, isAbort } from './api/api-error.js';
import type { Client } from './api/client.js';
import type { Language } from './texts/texts.js';

export type ItemFilter = Item['kind'] | 'all';
export type HistoryEntry = HistoryResponse['entries'][number];

const pageSize = 50;
const searchLimit = 50;

export class Memory {
  readonly #client: Client;
  readonly #user: () => string | undefined;
  readonly #language: () => Language;
  #search = new AbortController();
  #items: readonly Item[] = $state.raw([]);
  #next: string | null = $state(null);
  #found: Item | undefined = $state.raw();
  #results: readonly Recollection[] | undefined = $state.raw();
  #entries: readonly HistoryEntry[] = $state.raw([]);
  #filter: ItemFilter = $state('all');
  #query = $state('');
  #loading = $state(false);
  #error: ApiError | undefined = $state.raw();

  /** @param language of the explanations */
  constructor(client: Client, user: () => string | undefined, language: () => Language) {
    this.#client = client;
    this.#user = user;
    this.#language = language;
  }

  /** The newest first, as far as they were loaded. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** The item that was looked for by its id. */
  get found(): Item | undefined {
    return this.#found;
  }

  get hasMore(): boolean {
    return this.#next !== null;
  }

  /** What was found; `undefined` while nothing is searched for. */
  get results(): readonly Recollection[] | undefined {
    return this.#results;
  }

  /** What changed, the newest first. */
  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  get filter(): ItemFilter {
    return this.#filter;
  }

  get query(): string {
    return this.#query;
  }

  get loading(): boolean {
    return this.#loading;
  }

  get error(): ApiError | undefined {
    return this.#error;
  }

  /** Loads the first page, or searches, by what is set. */
  async load(): Promise<void> {
    this.#search.abort();
    this.#search = new AbortController();
    const { signal } = this.#search;
    await this.#attempt(async () => {
      if (this.#query === '') {
        const page = await this.#client.items({ ...this.#about(), limit: pageSize });
        if (signal.aborted) return;
        this.#items = page.items;
        this.#next = page.next;
        this.#results = undefined;
      } else {
        const { results } = await this.#client.recall(
          {
            ...(this.#user() === undefined ? {} : { user: this.#user() }),
            ...(this.#filter === 'all' ? {} : { kinds: [this.#filter] }),
            question: this.#query,
            limit: searchLimit,
            language: this.#language(),
          },
          signal,
        );
        if (!signal.aborted) this.#results = results;
      }
    });
  }

  /** Looks for one item, wherever it is among the pages; without an id for none. */
  async find(id: string | undefined): Promise<void> {
    this.#found = undefined;
    if (id === undefined) return;
    await this.#attempt(async () => {
      this.#found = await this.#client.item(id);
    });
  }

  async loadMore(): Promise<void> {
    const before = this.#next;
    if (before === null || this.#loading) return;
    const { signal } = this.#search;
    await this.#attempt(async () => {
      const page = await this.#client.items({ ...this.#about(), before, limit: pageSize });
      if (signal.aborted) return;
      this.#items = [...this.#items, ...page.items];
      this.#next = page.next;
    });
  }

  /** Searches for what a question recalls; an empty one shows everything again. */
  search(question: string): Promise<void> {
    this.#query = question.trim();
    return this.load();
  }

  show(filter: ItemFilter): Promise<void> {
    this.#filter = filter;
    return this.load();
  }

  /** Gives an item another text; returns what to undo. @throws {ApiError} */
  async edit(id: string, text: string): Promise<number> {
    const { operation } = await this.#client.edit(id, text);
    await this.load();
    return operation;
  }

  /** What would be erased with an item. @throws {ApiError} */
  preview(ids: readonly string[]): Promise<Receipt> {
    return this.#client.forget({ ids, dryRun: true });
  }

  /** Erases items for good. @throws {ApiError} */
  async forget(ids: readonly string[]): Promise<Receipt> {
    const receipt = await this.#client.forget({ ids });
    if (this.#found !== undefined && receipt.ids.includes(this.#found.id)) this.#found = undefined;
    await this.load();
    return receipt;
  }

  async loadHistory(): Promise<void> {
    await this.#attempt(async () => {
      const { entries } = await this.#client.history(this.#user()).catch(nothingHeld);
      this.#entries = entries;
    });
  }

  /** Sets back what an operation changed. @throws {ApiError} */
  async undo(operation: number): Promise<void> {
    await this.#client.undo(operation);
    await this.load();
  }

  /** @throws {ApiError} */
  export(): Promise<Blob> {
    return this.#client.export(this.#user());
  }

  #about() {
    const user = this.#user();
    return {
      ...(user === undefined ? {} : { user }),
      ...(this.#filter === 'all' ? {} : { kind: this.#filter }),
    };
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.#loading = true;
    try {
      await work();
      this.#error = undefined;
    } catch (error) {
      if (!isAbort(error)) this.#error = asApiError(error);
    } finally {
      this.#loading = false;
    }
  }
}

/** Someone of whom nothing is held has no history. */
function nothingHeld(error: unknown): HistoryResponse {
  if (asApiError(error).kind === 'missing') return { entries: [] };
  throw error;
}
