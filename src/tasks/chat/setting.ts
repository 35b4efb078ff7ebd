// What stays the same from message to message of a conversation. Knows nothing of what is said.
import { given } from '../../core/given.js';
import type { SendOptions } from './conversation.js';
import type { Generator } from './generator.js';
import type { ChatLanguage } from './message.js';
import type { AnswerOptions } from './options.js';
import type { WindowRequest, WindowSetting } from './prepare-window.js';

export interface ConversationSetting extends WindowSetting {
  readonly generator: Generator;
  readonly answer: AnswerOptions;
  readonly language: ChatLanguage | undefined;
  readonly now: () => Date;
}

/** With fewer tokens for prompt and answer, shared as before; the same where there are not fewer. */
export function narrowed(setting: ConversationSetting, limit: number): ConversationSetting {
  if (limit >= setting.limit) return setting;
  const answerTokens = Math.max(1, Math.floor((setting.answerTokens * limit) / setting.limit));
  return { ...setting, limit, answerTokens };
}

/** Without tools and calls, where the model can make nothing of them. */
export const usable = (
  { callsTools }: ConversationSetting,
  { signal, tools, steps }: SendOptions,
): SendOptions => given(callsTools ? { signal, tools, steps } : { signal });

/** What a window depends on of how a message is answered. */
export const asOffered = ({ tools, steps }: SendOptions): Pick<WindowRequest, 'tools' | 'steps'> =>
  given({ tools, steps });
