// Chooses what a generator is given, within the tokens it may have. A pure function over plain data and a counter.
import { DataError } from '../../../core/errors.js';
import { given } from '../../../core/given.js';
import type { Generator } from '../generator.js';
import type { ChatLanguage } from '../message.js';
import { asTexts } from '../tools.js';
import { PartFilling } from './part-filling.js';
import type { PromptParts, WindowSource } from './prompt.js';
import { messagesOf } from './prompt.js';
import type { WindowShares } from './shares.js';
import { defaultShares } from './shares.js';
import { withFittingResults } from './shorten-results.js';
import { stepTokens } from './step-tokens.js';
import type { ChatWindow, WindowCut, WindowItem, WindowPart, WindowPartKind } from './window.js';
import { windowPartKinds } from './window.js';

/** What there is to be given. */
export interface WindowInput {
  /** Given whole, whatever else is left out. */
  readonly profile: readonly string[];
  readonly summary?: WindowSource | undefined;
  /** Best first. */
  readonly recalled: readonly WindowSource[];
  /** Best first. */
  readonly knowledge: readonly WindowSource[];
  /** In order; the newest that fit are given. */
  readonly turns: readonly WindowSource[];
  /** Given whole; of what calls gave for it as much as fits. */
  readonly message: WindowSource;
  readonly language: ChatLanguage;
}

export type TokenCounter = Pick<Generator, 'countTokens' | 'countPrompt' | 'readable'> &
  Partial<Pick<Generator, 'exact'>>;

export interface WindowRules {
  /** Tokens of prompt and answer together. */
  readonly limit: number;
  readonly answerTokens: number;
  /** Of the tools that are offered; default 0. */
  readonly toolTokens?: number;
  readonly shares?: Partial<WindowShares> | undefined;
  readonly counter: TokenCounter;
}

/** In this order budgets are spent, so that turns get what the others leave. */
const spendingOrder = ['summary', 'recalled', 'knowledge', 'turns'] as const;
/** In this order what is still left then is offered again. */
const secondOrder = ['knowledge', 'recalled', 'summary'] as const;
/** In this order things go when the prompt as a whole has more tokens than its pieces. */
const leavingOrder = ['recalled', 'knowledge', 'summary', 'turns'] as const;

/**
 * The window for one answer: pinned profile and message, and of the rest what fits. Every part has a budget, a share of the
 * room that the pinned parts and the answer leave; what it does not need goes to the others. Whatever is not given as it
 * is stands in `cut`.
 *
 * @throws {DataError} when profile, message and tools alone are too long; `fields` hold the numbers
 */
export function buildWindow(input: WindowInput, rules: WindowRules): ChatWindow {
  const { limit, answerTokens, counter, toolTokens = 0 } = rules;
  const cut: WindowCut[] = [];
  const readable = readerOf(counter, cut);
  const profile = input.profile.map((text) => readable('profile', { text }));
  const countAll = (parts: PromptParts): number =>
    counter.countPrompt(asTexts(messagesOf(parts, input.language))) + toolTokens;
  const roomBeside = (message: WindowSource): number =>
    limit - answerTokens - countAll({ ...nothing, profile, message: [message] });
  const asked = readable('message', { role: 'user', ...input.message });
  const message = withFittingResults(asked, input.language, (one) => roomBeside(one) >= 0) ?? asked;
  const room = roomBeside(message);
  if (room < 0) throw tooLong(input, rules, limit - room);
  const pinned = { ...nothing, profile, message: [message] };
  const sizeOf = ({ text, steps }: WindowSource): number =>
    counter.countTokens(text) + stepTokens(counter, steps, input.language);
  if (message !== asked)
    cut.push({
      part: 'message',
      how: 'results-cut',
      ...given({ id: message.id, turn: message.turn }),
      tokens: sizeOf(asked),
      kept: sizeOf(message),
    });

  const shares = { ...defaultShares, ...rules.shares };
  const fillings = fillingsOf(input, counter, readable);
  const budgets = spend(fillings, shares, room);
  const parts = (): PromptParts => ({
    ...pinned,
    summary: fillings.summary.chosen,
    recalled: fillings.recalled.chosen,
    knowledge: fillings.knowledge.chosen,
    turns: fillings.turns.chosen,
  });
  // Tokens may join or part where pieces meet: what counts is the prompt as a whole.
  let tokens = countAll(parts());
  while (tokens > limit - answerTokens && leavingOrder.some((kind) => fillings[kind].dropLast()))
    tokens = countAll(parts());
  const fixed = (kind: 'profile' | 'message', items: readonly WindowSource[]): WindowPart => {
    const counted = items.map((item): WindowItem => ({ ...item, tokens: sizeOf(item) }));
    const sum = counted.reduce((total, item) => total + item.tokens, 0);
    return { kind, budget: sum, tokens: sum, items: counted };
  };
  return {
    parts: windowPartKinds.map((kind): WindowPart => {
      if (kind === 'profile' || kind === 'message') return fixed(kind, pinned[kind]);
      const { tokens: used, items } = fillings[kind];
      return { kind, budget: Math.max(budgets[kind], used), tokens: used, items };
    }),
    tokens,
    ...(toolTokens > 0 && { toolTokens }),
    limit,
    answerTokens,
    ...(counter.exact === false && { estimated: true as const }),
    messages: messagesOf(parts(), input.language),
    cut: [...cut, ...spendingOrder.flatMap((kind) => fillings[kind].cut())],
  };
}

const nothing: PromptParts = {
  profile: [],
  summary: [],
  recalled: [],
  knowledge: [],
  turns: [],
  message: [],
};

type Readable = (part: WindowPartKind, source: WindowSource) => WindowSource;

/** Leaves out what the model cannot read, and notes where that was. */
function readerOf(counter: TokenCounter, cut: WindowCut[]): Readable {
  return (part, source) => {
    const text = counter.readable?.(source.text) ?? source.text;
    if (text === source.text) return source;
    const { id, turn } = source;
    cut.push({
      part,
      how: 'unreadable',
      ...(id === undefined ? {} : { id }),
      ...(turn === undefined ? {} : { turn }),
      tokens: [...source.text].length,
      kept: [...text].length,
    });
    return { ...source, text };
  };
}

type Fillings = Readonly<Record<keyof WindowShares, PartFilling>>;

function fillingsOf(input: WindowInput, counter: TokenCounter, readable: Readable): Fillings {
  const filling = (kind: keyof WindowShares, sources: readonly WindowSource[]): PartFilling =>
    new PartFilling(
      kind,
      sources.map((source) => readable(kind, source)),
      counter,
      input.language,
    );
  return {
    summary: filling('summary', input.summary === undefined ? [] : [input.summary]),
    recalled: filling('recalled', input.recalled),
    knowledge: filling('knowledge', input.knowledge),
    turns: filling('turns', input.turns),
  };
}

/** Fills the parts; what one leaves goes to the next. Returns the budget each had. */
function spend(
  fillings: Fillings,
  shares: WindowShares,
  room: number,
): Readonly<Record<keyof WindowShares, number>> {
  const total = spendingOrder.reduce((sum, kind) => sum + shares[kind], 0) || 1;
  const budgets = { summary: 0, recalled: 0, knowledge: 0, turns: 0 };
  let left = 0;
  for (const kind of spendingOrder) {
    left += Math.floor((room * shares[kind]) / total);
    budgets[kind] = left;
    left -= fillings[kind].fill(left);
  }
  for (const kind of secondOrder) left -= fillings[kind].fill(left);
  return budgets;
}

function tooLong(
  input: WindowInput,
  { limit, answerTokens, counter, toolTokens = 0 }: WindowRules,
  needed: number,
): DataError {
  const { text, steps } = input.message;
  const message = counter.countTokens(text);
  const profile = input.profile.reduce((sum, one) => sum + counter.countTokens(one), 0);
  const calls = stepTokens(counter, steps, input.language);
  const others = toolTokens + calls;
  const beside = others === 0 ? '' : `, the tools (${toolTokens} tokens), the calls so far (${calls} tokens)`;
  return new DataError(
    `The message (${message} tokens)${beside} and the profile (${profile} tokens) with ${answerTokens} tokens for the answer need ${needed} tokens; the model has ${limit}. Shorten the message or the profile, or ask for a shorter answer.`,
    { fields: { message, profile, answerTokens, needed, limit, ...(others > 0 && { toolTokens, calls }) } },
  );
}
