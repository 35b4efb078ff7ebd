// Fills one part of a window: the best first, or the newest turns, as long as there is room. Knows nothing of other parts.
import type { ChatLanguage } from '../message.js';
import type { TokenCounter } from './build-window.js';
import { withFittingResults } from './shorten-results.js';
import { stepTokens } from './step-tokens.js';
import type { WindowSource } from './prompt.js';
import { headingOf, lineOf } from './prompt.js';
import { shorten } from './shorten.js';
import type { WindowCut, WindowItem, WindowPartKind } from './window.js';

/** A part of a text is worth giving from so many tokens on. */
const leastShortened = 16;

type FilledKind = Exclude<WindowPartKind, 'profile' | 'message'>;

export class PartFilling {
  readonly #kind: FilledKind;
  readonly #counter: TokenCounter;
  /** In the order in which they are offered: turns from the newest on. */
  readonly #offered: readonly WindowSource[];
  readonly #taken = new Map<WindowSource, WindowItem>();
  readonly #heading: number;
  readonly #language: ChatLanguage;

  constructor(
    kind: FilledKind,
    sources: readonly WindowSource[],
    counter: TokenCounter,
    language: ChatLanguage,
  ) {
    this.#kind = kind;
    this.#language = language;
    this.#counter = counter;
    this.#offered = kind === 'turns' ? sources.toReversed() : sources;
    const heading = headingOf(kind, language);
    this.#heading = heading === '' || sources.length === 0 ? 0 : counter.countTokens(`${heading}\n\n\n`);
  }

  /** As they stand in the prompt. */
  get items(): readonly WindowItem[] {
    const items = this.#offered.flatMap((source) => this.#taken.get(source) ?? []);
    return this.#kind === 'turns' ? items.reverse() : items;
  }

  get chosen(): readonly WindowSource[] {
    return this.items;
  }

  /** Of the items and the heading above them. */
  get tokens(): number {
    let tokens = this.#taken.size === 0 ? 0 : this.#heading;
    for (const item of this.#taken.values()) tokens += item.tokens;
    return tokens;
  }

  /** Takes what fits. @returns how many more tokens the part has now */
  fill(budget: number): number {
    const before = this.tokens;
    let room = budget;
    for (const source of this.#offered) {
      if (this.#taken.has(source)) continue;
      const heading = this.#taken.size === 0 ? this.#heading : 0;
      const item = this.#fitting(source, room - heading);
      if (item !== undefined) {
        this.#taken.set(source, item);
        room -= heading + item.tokens;
      } else if (this.#kind === 'turns') break;
    }
    if (this.#kind === 'turns') this.#beginWithUser();
    return this.tokens - before;
  }

  /** Gives up what matters least. @returns whether there was anything */
  dropLast(): boolean {
    const last = this.#offered.findLast((source) => this.#taken.has(source));
    return last !== undefined && this.#taken.delete(last);
  }

  /** What was not given as it is. */
  cut(): readonly WindowCut[] {
    return this.#offered.flatMap((source): readonly WindowCut[] => {
      const item = this.#taken.get(source);
      const how = howCut(source, item);
      if (how === undefined) return [];
      const { id, turn } = source;
      return [
        {
          part: this.#kind,
          how,
          ...(id === undefined ? {} : { id }),
          ...(turn === undefined ? {} : { turn }),
          tokens: this.#cost(source),
          kept: item?.tokens ?? 0,
        },
      ];
    });
  }

  #cost(source: WindowSource): number {
    const { countPrompt, countTokens } = this.#counter;
    if (this.#kind !== 'turns') return countTokens.call(this.#counter, `${lineOf(this.#kind, source)}\n`);
    const message = { role: source.role ?? 'user', content: source.text };
    const own = countPrompt.call(this.#counter, [message]) - countPrompt.call(this.#counter, []);
    return own + stepTokens(this.#counter, source.steps, this.#language);
  }

  /** The item whole, or shortened where a part of it is better than nothing; `undefined` when it does not fit. */
  #fitting(whole: WindowSource, room: number): WindowItem | undefined {
    const source = this.#withFittingSteps(whole, room);
    const tokens = this.#cost(source);
    if (tokens <= room) return { ...source, tokens };
    const isOnly = this.#kind === 'summary' || (this.#kind === 'turns' && this.#taken.size === 0);
    if (!isOnly || room < leastShortened) return undefined;
    const text = shorten(source.text, (part) => this.#cost({ ...source, text: part }) <= room);
    return text === undefined ? undefined : { ...source, text, tokens: this.#cost({ ...source, text }) };
  }

  /**
   * With as much as fits of what tools gave, in half of the room, so that there is some for what was said before; without the
   * calls where not even they fit: a call is never without its result.
   */
  #withFittingSteps(source: WindowSource, room: number): WindowSource {
    if (source.steps === undefined) return source;
    const { steps: _, ...alone } = source;
    const most = Math.floor((room + this.#cost(alone)) / 2);
    return withFittingResults(source, this.#language, (one) => this.#cost(one) <= most) ?? alone;
  }

  /** An answer without its question says little: turns begin with what the user said, if there is more than one. */
  #beginWithUser(): void {
    const oldest = this.items[0];
    if (oldest?.role === 'assistant' && this.#taken.size > 1) this.dropLast();
  }
}

function howCut(source: WindowSource, item: WindowItem | undefined): WindowCut['how'] | undefined {
  if (item === undefined) return 'left-out';
  if (item.text !== source.text) return 'shortened';
  if (item.steps === source.steps) return undefined;
  return item.steps === undefined ? 'calls-left-out' : 'results-cut';
}
