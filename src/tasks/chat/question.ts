// What of a message is looked up: its beginning. Knows nothing of what is found.

const longestQuestion = 2000;

/** The beginning of a message, never half a surrogate pair. */
export const questionIn = (message: string): string =>
  message
    .trim()
    .slice(0, longestQuestion)
    .replace(/[\uD800-\uDBFF]$/, '');
