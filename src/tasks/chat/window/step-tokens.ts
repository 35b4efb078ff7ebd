// How many tokens calls of tools have in a prompt, with what they gave. Knows no tokenizer.
import type { ChatLanguage } from '../message.js';
import type { ToolStep } from '../tools.js';
import { asTexts, messagesOfSteps } from '../tools.js';
import type { TokenCounter } from './build-window.js';

/** Tokens of calls and what they gave. */
export const stepTokens = (
  counter: TokenCounter,
  steps: readonly ToolStep[] = [],
  language: ChatLanguage,
): number =>
  steps.length === 0
    ? 0
    : counter.countPrompt(asTexts(messagesOfSteps(steps, language))) - counter.countPrompt([]);
