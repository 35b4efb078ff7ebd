// Why a request ends early: its client left, its time is over, or the server stops. Knows nothing of what it does.
import type { Lifecycle } from './lifecycle.js';
import { AbortedError } from '../core/errors.js';
import { HttpError } from './http-error.js';

/** A signal that fires for the first of three reasons, and says which. */
export class RequestSignal {
  readonly #controller = new AbortController();
  readonly #cleanUp: (() => void)[] = [];
  #reason: 'left' | 'late' | 'halted' | undefined;
  readonly #timeoutMs: number;

  constructor(client: AbortSignal, timeoutMs: number, lifecycle: Pick<Lifecycle, 'onHalt'>) {
    this.#timeoutMs = timeoutMs;
    const timer = setTimeout(() => this.#fire('late'), timeoutMs);
    this.#cleanUp.push(() => clearTimeout(timer));
    this.#listen(client);
    this.#cleanUp.push(lifecycle.onHalt(() => this.#fire('halted')));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The client is gone. */
  leave(): void {
    this.#fire('left');
  }

  /** @throws {HttpError} 504 or 503, or {AbortedError} where nobody is left to hear it, when the signal has fired */
  throwIfFired(): void {
    if (this.#reason === 'left') throw new AbortedError('The client has left.');
    if (this.#reason === 'halted') throw new HttpError(503, 'stopping', 'The server is stopping.');
    if (this.#reason === 'late')
      throw new HttpError(504, 'timeout', `The answer took longer than ${this.#timeoutMs / 1000} s.`);
  }

  /** Lets go of timer and listeners. */
  dispose(): void {
    for (const clean of this.#cleanUp.splice(0)) clean();
  }

  #listen(client: AbortSignal): void {
    if (client.aborted) return this.#fire('left');
    const listener = (): void => this.#fire('left');
    client.addEventListener('abort', listener, { once: true });
    this.#cleanUp.push(() => client.removeEventListener('abort', listener));
  }

  #fire(reason: 'left' | 'late' | 'halted'): void {
    this.#reason ??= reason;
    this.#controller.abort();
    this.dispose();
  }
}
