// What a server is in the middle of, so that it can finish it before it stops. Knows nothing of requests.
import { HttpError } from './http-error.js';

/** Counts work in progress. */
export class Lifecycle {
  readonly #stop = new AbortController();
  /** Told when what is still in progress is to end at once. */
  readonly #ends = new Set<() => void>();
  #isHalted = false;
  #active = 0;
  #idle: (() => void) | undefined;

  get isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Fires when nothing new is taken any more: what would never end by itself ends then. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  get active(): number {
    return this.#active;
  }

  /** Calls back when what is still in progress is to end at once. @returns what takes the wish back */
  onHalt(end: () => void): () => void {
    if (this.#isHalted) end();
    else this.#ends.add(end);
    return () => this.#ends.delete(end);
  }

  /**
   * Begins something that is to be finished. Call what is returned, once or more often, when it has ended.
   * @throws {HttpError} 503 when the server is stopping
   */
  begin(): () => void {
    if (this.isStopping)
      throw new HttpError(503, 'stopping', 'The server is stopping. Try again in a moment.', {
        retryAfterSeconds: 2,
      });
    this.#active++;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#active--;
      if (this.#active === 0) this.#idle?.();
    };
  }

  /** Takes nothing new, waits until everything has ended, and after `graceMs` asks what is left to end at once. */
  async stop(graceMs: number): Promise<void> {
    this.#stop.abort();
    if (this.#active === 0) return;
    const idle = new Promise<void>((resolve) => (this.#idle = resolve));
    const timer = setTimeout(() => this.#endAll(), graceMs);
    await idle;
    clearTimeout(timer);
  }

  #endAll(): void {
    this.#isHalted = true;
    for (const end of this.#ends) end();
    this.#ends.clear();
  }
}
