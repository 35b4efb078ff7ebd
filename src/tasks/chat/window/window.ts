// What a generator is given for one answer, as plain data that people can look at. Knows nothing of how it is chosen.
import type { Explained, ItemId, ItemKind } from '../../../archive/index.js';
import type { ToolMessage, ToolStep } from '../tools.js';

/**
 * `profile`: what always holds, pinned. `summary`: what was said before the turns. `recalled`: what the archive found.
 * `knowledge`: passages of documents. `turns`: the latest of the conversation. `message`: what is to be answered, pinned.
 */
export const windowPartKinds = ['profile', 'summary', 'recalled', 'knowledge', 'turns', 'message'] as const;

export type WindowPartKind = (typeof windowPartKinds)[number];

/** Where a passage stands: the file, and the heading or page in it. */
export interface Citation {
  /** What `[1]` in an answer refers to; counts from 1 within a window. */
  readonly number: number;
  /** Path within the folder of documents. */
  readonly file: string;
  /** The heading or page; empty where the file has neither. */
  readonly place: string;
}

/** One text in a part of the window. */
export interface WindowItem {
  /** Of the archive; absent for texts that were never stored (the profile, a message not yet kept). */
  readonly id?: ItemId;
  readonly text: string;
  /**
   * Where the text that was given is not to be had any more, so that `text` only says so: `forgotten`: the item was erased
   * since. `not-kept`: it was no item, such as a profile, and only its tokens are known.
   */
  readonly missing?: 'forgotten' | 'not-kept';
  /** Of the text as it is written into the prompt, by itself. */
  readonly tokens: number;
  readonly role?: 'user' | 'assistant';
  /** Kind of the archive's item. */
  readonly kind?: ItemKind;
  /** How well it answers; comparable within one part only. */
  readonly score?: number;
  /** Why the archive found it; `explain` says it in words. */
  readonly found?: Explained;
  readonly session?: string;
  /** The turn it comes from. */
  readonly turn?: number;
  readonly speaker?: string;
  /** ISO 8601. */
  readonly time?: string;
  readonly citation?: Citation;
  /** Calls of tools between a message and its answer, and what they gave; `tokens` has theirs too. */
  readonly steps?: readonly ToolStep[];
  /** After how many UTF-16 units results in `steps` were cut; absent where none was. */
  readonly resultsUpTo?: number;
}

export interface WindowPart {
  readonly kind: WindowPartKind;
  /** Tokens it was allowed; what the parts before it left over is in it. */
  readonly budget: number;
  /** Sum of the items' tokens. */
  readonly tokens: number;
  /** In the order in which they stand in the prompt. */
  readonly items: readonly WindowItem[];
}

/**
 * Something that was not given as it is. `left-out`: there was no room. `shortened`: only a part of it was given.
 * `unreadable`: the model has no token for some of its characters, which are missing. `results-cut`: of what tools gave for
 * it only beginnings were given. `calls-left-out`: it was given without the calls of tools for it.
 */
export interface WindowCut {
  readonly part: WindowPartKind;
  readonly how: 'left-out' | 'shortened' | 'unreadable' | 'results-cut' | 'calls-left-out';
  readonly id?: ItemId;
  readonly turn?: number;
  /** What it would have taken, and what was given of it. */
  readonly tokens: number;
  readonly kept: number;
}

export interface ChatWindow {
  /** All six, in the order of `windowPartKinds`; empty ones have no items. */
  readonly parts: readonly WindowPart[];
  /** Tokens of the prompt made of `messages` and tools, as the generator counts it. Never above `limit - answerTokens`. */
  readonly tokens: number;
  /** Of the tools that were offered, in `tokens`; absent where there were none. */
  readonly toolTokens?: number;
  /** What prompt and answer may have together. */
  readonly limit: number;
  /** Kept free for the answer. */
  readonly answerTokens: number;
  /** Whether tokens were estimated, as those of an endpoint are; absent where they are the model's own. */
  readonly estimated?: true;
  /** What the generator is given. */
  readonly messages: readonly ToolMessage[];
  readonly cut: readonly WindowCut[];
}
