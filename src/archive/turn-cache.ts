// Turns of conversations that were read lately, within bounds. Knows no database: who reads says what still holds.
import { BoundedMap } from '../core/bounded-map.js';
import type { ToolStep } from './tool-steps.js';
import type { ItemId } from './types.js';

/** A turn of a conversation as it was said. */
export interface TurnView {
  readonly id: ItemId;
  readonly session: string;
  readonly turn: number;
  readonly speaker?: string;
  readonly text: string;
  /** ISO 8601. */
  readonly time: string;
  /** Calls of tools for it, where there were any. */
  readonly steps?: readonly ToolStep[];
}

/** A turn, and what decides whether and where it is listed. */
export interface HeldTurn {
  readonly view: TurnView;
  readonly ordinal: number;
  /** Milliseconds since 1970; `Infinity` where it stays. */
  readonly expiresMs: number;
}

/** The latest turns of a conversation, as they were at one moment of its scope. */
export interface HeldTurns {
  readonly scope: number;
  /** Of the scope. As long as it stays, nothing held was erased, retired or moved, and nothing came back. */
  readonly revision: number;
  /** Of the scope: what is not held yet has this ordinal or a higher one. */
  readonly nextOrdinal: number;
  /** Of the scope. As long as it stays, no turn that is held has other calls of tools. */
  readonly steps: number;
  /** In order. None is missing between them or after them. */
  readonly turns: readonly HeldTurn[];
  /** Whether there are none before them either. */
  readonly isWhole: boolean;
}

export interface TurnCacheBounds {
  /** Default 10,000. */
  readonly conversations?: number;
  readonly bytes: number;
}

/** Of a turn beside its text. */
const turnBytes = 300;
/** A conversation may take this share of the whole; of a longer one the latest turns are held. */
const shareOfOne = 1 / 8;

const bytesOf = ({ view: { text, steps } }: HeldTurn): number =>
  turnBytes + 2 * text.length + (steps === undefined ? 0 : 2 * JSON.stringify(steps).length);

/** Holds the conversations that were used last. */
export class TurnCache {
  readonly #held: BoundedMap<HeldTurns>;
  readonly #bytesOfOne: number;

  constructor({ conversations = 10_000, bytes }: TurnCacheBounds) {
    this.#held = new BoundedMap({ entries: conversations, bytes });
    this.#bytesOfOne = shareOfOne * bytes;
  }

  /** About how much is held. */
  get bytes(): number {
    return this.#held.bytes;
  }

  get conversations(): number {
    return this.#held.size;
  }

  find(key: string): HeldTurns | undefined {
    return this.#held.get(key);
  }

  hold(key: string, held: HeldTurns): void {
    const { turns, bytes } = this.#latestOf(held.turns);
    const isWhole = held.isWhole && turns.length === held.turns.length;
    this.#held.set(key, { ...held, turns, isWhole }, bytes);
  }

  /** Lets go of all conversations of a scope. */
  forget(scope: number): void {
    this.#held.deleteWhere((_, held) => held.scope === scope);
  }

  #latestOf(turns: readonly HeldTurn[]): { readonly turns: readonly HeldTurn[]; readonly bytes: number } {
    let bytes = 0;
    for (let first = turns.length; first > 0; first--) {
      const more = bytesOf(turns[first - 1] as HeldTurn);
      if (bytes + more > this.#bytesOfOne) return { turns: turns.slice(first), bytes };
      bytes += more;
    }
    return { turns, bytes };
  }
}
