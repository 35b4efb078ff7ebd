// Reads an asynchronous sequence with a loop, and what it returns with it. Knows nothing of what comes.

/** The same values; what the sequence returns, which `for await` drops, is handed to `onEnd`. */
export async function* tellingEnd<T, R>(
  source: AsyncIterable<T, R>,
  onEnd: (returned: R) => void,
): AsyncGenerator<T, void, undefined> {
  onEnd(yield* source);
}
