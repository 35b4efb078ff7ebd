// The archives of a server, one for each tenant, all in one store. Knows nothing of requests.
import type { Archive, ArchiveOptions, Database } from '../archive/index.js';
import { RecalledTexts } from '../archive/echo.js';
import { openArchive } from '../archive/open.js';
import { tidy } from '../archive/tidy.js';
import { TurnCache } from '../archive/turn-cache.js';

/** How each archive is opened; the tenant is added. */
export type SharedArchiveOptions = Omit<ArchiveOptions, 'store' | 'tenant'> & { readonly store: Database };

/** Opens each tenant's archive when it is first asked for. One that could not be opened is tried again. What they hold in memory has one bound. */
export class Archives {
  readonly #options: SharedArchiveOptions;
  readonly #opened = new Map<string, Promise<Archive>>();

  constructor(options: SharedArchiveOptions) {
    this.#options = {
      turns: new TurnCache({ bytes: options.store.cache.turns }),
      recalled: new RecalledTexts(),
      ...options,
    };
  }

  of(tenant: string): Promise<Archive> {
    const known = this.#opened.get(tenant);
    if (known !== undefined) return known;
    const opened = openArchive({ ...this.#options, tenant });
    this.#opened.set(tenant, opened);
    opened.catch(() => this.#opened.delete(tenant));
    return opened;
  }

  /** Closes the store under all of them, tidied up if much was written. */
  async close(): Promise<void> {
    const { store } = this.#options;
    // A store that nobody opened has no schema yet.
    if (this.#opened.size > 0) await tidy(store).finally(() => store.close());
    else await store.close();
  }
}
