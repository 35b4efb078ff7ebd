// Work with something that must be closed. Knows nothing of either.

/** Does `work`, then closes what it worked with, whatever happened. */
export async function closing<T>(
  resource: { readonly close: () => Promise<void> },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } finally {
    await resource.close();
  }
}
