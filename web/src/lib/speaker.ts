// Who said something, in the words of the page. Knows nothing else of conversations.
import type { Texts } from './texts/texts.js';

/** The archive keeps what a model said under this name. */
const modelSpeaker = 'assistant';

export function speakerName(speaker: string | undefined, t: Texts): string | undefined {
  return speaker === modelSpeaker ? t.chat.model : speaker;
}
