// A text with what stands in front of it, such as a title or earlier turns. Knows no task and no tokenizer.
import type { Row } from '../../data/index.js';
import { contextRole } from './task-data.js';

/** A text, and what stands in front of it, the furthest first. */
export interface TextInContext {
  readonly text: string;
  readonly context: readonly string[];
}

/** A text by itself, or with what stands in front of it, for runs that were trained with context. */
export type TextOrInContext = string | TextInContext;

export function inContext(given: TextOrInContext): TextInContext {
  return typeof given === 'string' ? { text: given, context: [] } : given;
}

/** The text that a row has in a role, with its context. @param context its columns, as they are chosen for a run */
export function textInContext({ values }: Row, role: string, context: readonly string[]): TextInContext {
  return { text: values[role] ?? '', context: context.map((_, i) => values[contextRole(i)] ?? '') };
}

/** All of it, the context in front: what tokenizers and n-grams are learned from. */
export function wholeText({ text, context }: TextInContext): string {
  return [...context, text].filter((part) => part !== '').join('\n');
}
