// What is held in memory of one user for the next question: traits of items, where words occur, and items that were found.
// Knows no database.
import { BoundedMap } from '../../core/bounded-map.js';
import type { PostingBlock, PostingList } from '../postings.js';
import { blockSize, decodeBlocks } from '../postings.js';
import type { RecentItem, RecentState } from '../recent-words.js';
import { bytesOfRecent, recentPostings } from '../recent-words.js';
import type { OrdinalSet, Place } from '../scope.js';
import { placeOf } from '../scope.js';
import { HeldTraits } from './held-traits.js';
import type { ItemTraits, PlacedTraits } from './item-traits.js';
import type { FullItem } from './results.js';

/** What the database says of a user at one moment, beyond what is held. */
export interface ScopeNews extends Pick<RecentState, 'indexed' | 'settling' | 'settledParts'> {
  /** Of the scope: what is added has this ordinal or a higher one. */
  readonly nextOrdinal: number;
  /** The last entry of the history by which an item changed. */
  readonly change: number;
  /** Items up to here were looked at... */
  readonly until: number;
  /** ...and these are new, or changed since. */
  readonly traits: readonly ItemTraits[];
  /** Ordinals of all that changed since, be it in what traits do not say; `undefined` where that was not asked for. */
  readonly changed: readonly number[] | undefined;
  /** For each word asked for, by its position, the blocks from its `firstBlock` on, rising. */
  readonly blocks: ReadonlyMap<number, readonly PostingBlock[]>;
  /** Items of whose words some are in no block, from `recentFrom` on, rising. */
  readonly recent: readonly RecentItem[];
}

/** Where words occur: for each word that occurs, by its position, lists that are complete together and do not overlap. */
export type WordLists = ReadonlyMap<number, readonly PostingList[]>;

/** The words of a question, with what is held of them. */
export interface Asked {
  readonly words: readonly AskedWord[];
  /** Of items below `recentFrom`; some may have settled since. */
  readonly recent: readonly RecentItem[];
  readonly recentFrom: number;
}

/** A word of a question, and where it occurs as far as that is held: in blocks that are full, to which nothing is added. */
export interface AskedWord {
  readonly term: string;
  /** The blocks below are in the list; the others are asked for. */
  readonly firstBlock: number;
  readonly list: PostingList;
}

const nowhere: PostingList = {
  ordinals: new Uint32Array(0),
  frequencies: new Uint8Array(0),
  lengths: new Uint16Array(0),
};

const mostWords = 50_000;
const bytesAPosting = 7;
const bytesAWord = 300;
const mostItems = 20_000;
/** Of an item beside its text. */
const bytesAnItem = 800;

function joined(lists: readonly PostingList[]): PostingList {
  const count = lists.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
  const all = {
    ordinals: new Uint32Array(count),
    frequencies: new Uint8Array(count),
    lengths: new Uint16Array(count),
  };
  let at = 0;
  for (const { ordinals, frequencies, lengths } of lists) {
    all.ordinals.set(ordinals, at);
    all.frequencies.set(frequencies, at);
    all.lengths.set(lengths, at);
    at += ordinals.length;
  }
  return all;
}

/**
 * Holds as long as the scope's revision stays: then nothing was erased. What was added or changed since is told by the
 * database with each question. Of what two questions at once are told, the later moment holds.
 */
export class HeldScope {
  readonly scope: number;
  readonly revision: number;
  readonly #traits: HeldTraits;
  readonly #words: BoundedMap<AskedWord>;
  /** By ordinal. */
  readonly #items: BoundedMap<FullItem>;
  #recent: readonly RecentItem[] = [];
  #moment = 0;
  #held = 0;
  #change = 0;
  #nextOrdinal = 0;

  /** @param bytes of what is held of words, and again of what is held of items */
  constructor(scope: number, revision: number, bytes: number) {
    this.scope = scope;
    this.revision = revision;
    this.#traits = new HeldTraits(scope);
    this.#words = new BoundedMap({ entries: mostWords, bytes });
    this.#items = new BoundedMap({ entries: mostItems, bytes });
  }

  /** Traits of all items of ordinals below are held. */
  get held(): number {
    return this.#held;
  }

  /** Changes up to this entry of the history are held. */
  get change(): number {
    return this.#change;
  }

  /** Whether the traits of all items are held. */
  get isWhole(): boolean {
    return this.#held >= this.#nextOrdinal;
  }

  get heldBytes(): number {
    const recent = this.#recent.reduce((sum, item) => sum + bytesOfRecent(item), 0);
    return this.#traits.heldBytes + this.#words.bytes + this.#items.bytes + recent;
  }

  /** Since then items that are held may have changed: it is the ordinal of what was added next. `undefined` where none is held. */
  get itemsAsOf(): number | undefined {
    return this.#items.size === 0 ? undefined : this.#nextOrdinal;
  }

  /** Another one when something new was told. */
  get moment(): number {
    return this.#moment;
  }

  itemAt(ordinal: number): FullItem | undefined {
    return this.#items.get(String(ordinal));
  }

  /** Holds items that were read or written since a moment, unless something new was told meanwhile. */
  holdItems(items: readonly FullItem[], moment: number): void {
    if (moment !== this.#moment) return;
    for (const item of items)
      this.#items.set(String(placeOf(item.id).ordinal), item, bytesAnItem + 2 * item.text.length);
  }

  /** What is held of words; to be given to `take` with the answer. */
  askFor(terms: readonly string[]): Asked {
    return {
      words: terms.map((term) => this.#words.get(term) ?? { term, firstBlock: 0, list: nowhere }),
      recent: this.#recent,
      recentFrom: (this.#recent.at(-1)?.ordinal ?? -1) + 1,
    };
  }

  /** The facts among what is held. */
  get facts(): OrdinalSet {
    return { has: (ordinal) => this.#traits.isFact(ordinal) };
  }

  /** Of places in this scope, those that exist. */
  traitsAt(places: readonly Place[]): readonly PlacedTraits[] {
    return places.flatMap(({ ordinal }) => {
      const item = this.#traits.at(ordinal);
      return item === undefined ? [] : [item];
    });
  }

  /**
   * Takes in what is new.
   *
   * @param asked what was asked for
   * @returns where its words occur
   */
  take(news: ScopeNews, asked: Asked): WordLists {
    const recent = [...asked.recent.filter(({ ordinal }) => ordinal >= news.indexed), ...news.recent];
    if (news.nextOrdinal >= this.#nextOrdinal && news.change >= this.#change) {
      this.#takeTraits(news);
      this.#recent = recent;
    }
    if (news.changed === undefined) this.#items.deleteWhere(() => true);
    else for (const ordinal of news.changed) this.#items.delete(String(ordinal));
    const lists = new Map<number, readonly PostingList[]>();
    for (const [n, word] of asked.words.entries()) {
      const settled = this.#takeWord(word, news.blocks.get(n) ?? [], Math.floor(news.indexed / blockSize));
      const found = [...settled, recentPostings(recent, word.term, news)].filter(
        ({ ordinals }) => ordinals.length > 0,
      );
      if (found.length > 0) lists.set(n, found);
    }
    return lists;
  }

  #takeTraits({ nextOrdinal, change, until, traits }: ScopeNews): void {
    for (const item of traits) this.#traits.set(item);
    if (nextOrdinal > this.#nextOrdinal || change > this.#change) this.#moment++;
    this.#nextOrdinal = nextOrdinal;
    this.#change = change;
    this.#held = Math.max(this.#held, until);
  }

  #takeWord(word: AskedWord, blocks: readonly PostingBlock[], full: number): readonly PostingList[] {
    const filled = blocks.filter(({ block }) => block < full);
    const open = blocks.filter(({ block }) => block >= full);
    const list = filled.length === 0 ? word.list : joined([word.list, decodeBlocks(filled)]);
    if (full > 0) {
      const bytes = bytesAWord + bytesAPosting * list.ordinals.length;
      this.#words.set(word.term, { term: word.term, firstBlock: full, list }, bytes);
    }
    return [list, decodeBlocks(open)];
  }
}
