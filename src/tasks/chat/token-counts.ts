// Remembers how many tokens texts have, so that a turn is counted once and not with every message. Knows no tokenizer.
import type { ChatMessage } from './message.js';
import type { Generator } from './generator.js';
import type { TokenCounter } from './window/build-window.js';

const remembered = 10_000;

/** Counts as the generator does. */
export function countingOnce(generator: Generator): TokenCounter {
  const counts = new Map<string, number>();
  const once = (key: string, count: () => number): number => {
    const known = counts.get(key);
    if (known !== undefined) return known;
    if (counts.size >= remembered) counts.clear();
    const counted = count();
    counts.set(key, counted);
    return counted;
  };
  const keyOf = ([message]: readonly ChatMessage[]): string =>
    message === undefined ? '' : `${message.role}: ${message.content}`;
  const readable = generator.readable?.bind(generator);
  return {
    exact: generator.exact,
    countTokens: (text) => once(`text: ${text}`, () => generator.countTokens(text)),
    countPrompt: (messages) =>
      messages.length > 1
        ? generator.countPrompt(messages)
        : once(keyOf(messages), () => generator.countPrompt(messages)),
    ...(readable === undefined ? {} : { readable }),
  };
}
