// How the parts of a window share the model's limit. Knows nothing of how they are drawn.
import type { ChatWindow, WindowPart } from '../../../src/server/wire.js';

export type ShareKind = WindowPart['kind'] | 'answer' | 'free';

export interface Share {
  readonly kind: ShareKind;
  readonly tokens: number;
  /** Of the whole limit, from 0 to 1. */
  readonly fraction: number;
}

/**
 * The parts that hold something, in the order the model reads them, then what is kept for the answer, then what is
 * left. Roles and separators cost tokens that belong to no part: they are in what is not left.
 */
export function sharesOf({ parts, tokens, limit, answerTokens }: ChatWindow): readonly Share[] {
  const filled = parts.filter((part) => part.tokens > 0).map(({ kind, tokens }) => ({ kind, tokens }));
  const free = Math.max(0, limit - tokens - answerTokens);
  const all: readonly { readonly kind: ShareKind; readonly tokens: number }[] = [
    ...filled,
    { kind: 'answer', tokens: answerTokens },
    { kind: 'free', tokens: free },
  ];
  return all.map(({ kind, tokens }) => ({ kind, tokens, fraction: limit > 0 ? tokens / limit : 0 }));
}
