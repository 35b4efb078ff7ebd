// Turns each value of an asynchronous sequence into several, handing on at once when nobody reads any more.

/**
 * Like a generator that loops over `source`, except that `return` reaches the source even when nothing was read yet, and
 * that the first values can be fetched before anybody reads.
 */
export class FlatMap<T, U> implements AsyncIterableIterator<U> {
  readonly #source: AsyncIterator<T, unknown, undefined>;
  readonly #map: (value: T) => readonly U[];
  readonly #ready: U[] = [];
  #isDone = false;

  constructor(source: AsyncIterator<T, unknown, undefined>, map: (value: T) => readonly U[]) {
    this.#source = source;
    this.#map = map;
  }

  /** Fetches what comes first, so that what goes wrong there is thrown here. */
  async begin(): Promise<this> {
    await this.#fill();
    return this;
  }

  async next(): Promise<IteratorResult<U, undefined>> {
    await this.#fill();
    const value = this.#ready.shift();
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  }

  async return(): Promise<IteratorResult<U, undefined>> {
    this.#isDone = true;
    this.#ready.length = 0;
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #fill(): Promise<void> {
    while (this.#ready.length === 0 && !this.#isDone) {
      const { value, done } = await this.#source.next();
      if (done) this.#isDone = true;
      else this.#ready.push(...this.#map(value));
    }
  }
}
