// Work with something that has to be closed afterwards. Knows nothing of what it is.

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
