// The archive as its users see it: one method an operation, each written elsewhere.
import { DataError } from '../core/errors.js';
import type { Context } from './context.js';
import type { RecallOptions } from './recall/query.js';
import type { Recollection } from './recall/recall.js';
import { recall } from './recall/recall.js';
import { remember } from './remember.js';
import type { EpisodeInput, Outcome } from './types.js';

/** Long-term memory of one tenant. Open it with `openArchive`. */
export class Archive {
  readonly #context: Context;

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
      throw new DataError(outcome?.reason ?? 'Nothing was given.');
    return outcome;
  }

  /** Stores many episodes; what cannot be used is reported as `rejected` in its place. */
  rememberAll(episodes: readonly EpisodeInput[]): Promise<readonly Outcome[]> {
    return remember(this.#context, episodes);
  }

  /** What answers a question best, best first. */
  recall(question: string, options?: RecallOptions): Promise<readonly Recollection[]> {
    return recall(this.#context, question, options);
  }

  close(): Promise<void> {
    return this.#context.database.close();
  }
}
