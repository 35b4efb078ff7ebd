// What a server is in the middle of, so that it can finish it before it stops. Knows nothing of requests.
import { HttpError } from './http-error.js';

/** Counts work in progress. */
export class Lifecycle {
  readonly #stop = new AbortController();
  readonly #halt = new AbortController();
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

  /** Fires when what is still in progress is to end at once. */
  get halted(): AbortSignal {
    return this.#halt.signal;
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
    const timer = setTimeout(
      () => this.#halt.abort(new DOMException('The server stops.', 'AbortError')),
      graceMs,
    );
    await idle;
    clearTimeout(timer);
  }
}
