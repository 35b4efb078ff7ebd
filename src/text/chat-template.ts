// How a conversation is written as the text that a model goes on with: data, no language of its own. Knows no model.
import { z } from 'zod';
import { parseConfig } from '../core/parse-config.js';

const around = z.strictObject({ prefix: z.string().default(''), suffix: z.string().default('') });

export const chatTemplateSchema = z.strictObject({
  /** Before everything. */
  begin: z.string().default(''),
  /** When absent, what the system says stands at the top of the user's next message. */
  system: around.optional(),
  user: around,
  assistant: around,
  /** Ends the prompt, so that what comes next is the answer; the assistant's prefix when absent. */
  opening: z.string().optional(),
  /** Texts at which an answer ends: the model would speak for somebody else. */
  stop: z.array(z.string().min(1)).min(1).max(16).readonly(),
});

/** What stands before and after a message of each role, and where an answer ends. */
export type ChatTemplate = z.output<typeof chatTemplateSchema>;

/** A message as templates know it. */
interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A line for each message with who says it: what a base model has seen the likes of. */
export const transcriptTemplate: ChatTemplate = {
  begin: '',
  system: { prefix: '', suffix: '\n\n' },
  user: { prefix: 'User: ', suffix: '\n' },
  assistant: { prefix: 'Assistant: ', suffix: '\n' },
  // The space belongs to the first word of the answer.
  opening: 'Assistant:',
  stop: ['\nUser:', '\nAssistant:'],
};

/** @throws {ConfigError} that names each wrong key, with the nearest known one */
export const parseChatTemplate = (input: unknown): ChatTemplate =>
  parseConfig(chatTemplateSchema, input, 'Chat template');

/**
 * The messages as one text, ready for the assistant's next.
 *
 * @example
 * writeChat([{ role: 'user', content: 'Hi' }], transcriptTemplate); // 'User: Hi\nAssistant:'
 */
export function writeChat(messages: readonly Message[], template: ChatTemplate): string {
  let text = template.begin;
  let waiting = '';
  for (const { role, content } of messages) {
    const frame = template[role];
    if (frame === undefined) {
      waiting += `${content}\n\n`;
      continue;
    }
    const isUser = role === 'user';
    text += `${frame.prefix}${isUser ? waiting : ''}${content}${frame.suffix}`;
    if (isUser) waiting = '';
  }
  return text + (template.opening ?? template.assistant.prefix);
}
