// One at a time for each name, in the order of asking. Knows nothing of what is done meanwhile.
import { throwIfAborted } from '../core/abort.js';

/** Locks by name; a name that nobody holds takes no memory. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Waits for those who asked before. Call what is returned once.
   * @throws {AbortedError} when the signal fires meanwhile; those who asked later are not held up
   */
  async acquire(name: string, signal: AbortSignal): Promise<() => void> {
    const before = this.#last.get(name) ?? Promise.resolve();
    let free: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => (free = resolve));
    const after = before.then(() => mine);
    this.#last.set(name, after);
    const release = (): void => {
      free();
      if (this.#last.get(name) === after) void after.then(() => this.#drop(name, after));
    };
    await Promise.race([before, firing(signal)]);
    if (!signal.aborted) return release;
    release();
    throwIfAborted(signal);
    return release;
  }

  #drop(name: string, promise: Promise<void>): void {
    if (this.#last.get(name) === promise) this.#last.delete(name);
  }
}

function firing(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
