// A conversation as plain text that a base model can go on with: a line for each message, with who says it. Knows no model.
import type { ChatMessage, ChatRole } from '../message.js';

const labels: Readonly<Record<ChatRole, string>> = { system: '', user: 'User: ', assistant: 'Assistant: ' };
/** The prompt ends with it, so that what comes next is the answer; the space belongs to the first word. */
const opening = 'Assistant:';

/** Where an answer ends: the model begins to speak for somebody. */
export const transcriptStops: readonly string[] = ['\nUser:', '\nAssistant:'];

/** The messages, ready for the assistant's next. */
export const transcriptOf = (messages: readonly ChatMessage[]): string =>
  `${messages.map(({ role, content }) => `${labels[role]}${content}\n${role === 'system' ? '\n' : ''}`).join('')}${opening}`;
