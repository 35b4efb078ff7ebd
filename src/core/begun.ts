// Begins an asynchronous sequence before anybody reads it. Knows nothing of what comes.

/** Asks for the first value now and hands it to whoever reads, and with it what went wrong. `return` is for who does not. */
export function begun<T, R>(
  source: AsyncIterable<T, R>,
): Required<Omit<AsyncIterableIterator<T, R | undefined>, 'throw'>> {
  const iterator = source[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<T, R>> | undefined = iterator.next();
  first.catch(() => undefined);
  return {
    next() {
      const value = first ?? iterator.next();
      first = undefined;
      return value;
    },
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
