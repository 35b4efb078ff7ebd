// Ctrl-C in a conversation: the first stops the answer, the second leaves. Knows nothing of answers.

const interruptedCode = 130;
/** npm passes on a Ctrl-C that the process has received already: what comes so soon is the same one. */
const sameMs = 300;
/** So long after the first, another one is a first again. */
const forgottenMs = 3000;

export class Interrupts {
  readonly #onIdle: () => void;
  readonly #onSignal = (): void => this.interrupt();
  #work: AbortController | undefined;
  #lastMs = -Infinity;

  /** @param onIdle is called at the first Ctrl-C while nothing is answered */
  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
    process.on('SIGINT', this.#onSignal);
  }

  interrupt(): void {
    const since = performance.now() - this.#lastMs;
    if (since < sameMs) return;
    if (since < forgottenMs) process.exit(interruptedCode);
    this.#lastMs = performance.now();
    if (this.#work === undefined) this.#onIdle();
    else this.#work.abort();
  }

  /** Runs work with a signal that fires at the first Ctrl-C. */
  async during<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#work = new AbortController();
    try {
      return await work(this.#work.signal);
    } finally {
      this.#work = undefined;
    }
  }

  end(): void {
    process.off('SIGINT', this.#onSignal);
  }
}
