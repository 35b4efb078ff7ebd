// The plain data that goes into the archive and comes out of it. Knows nothing of how it is kept.
import type { Redaction } from './privacy/redact.js';

export const itemKinds = ['episode', 'fact', 'chunk', 'summary'] as const;

/** `episode`: a message or passage; `fact`: a statement with an interval of validity; `chunk`: a piece of a document. */
export type ItemKind = (typeof itemKinds)[number];

/** Names an item within a store: `<scope>-<ordinal>`. */
export type ItemId = string;

/** A moment: a Date, milliseconds since 1970, or text that `Date` reads (ISO 8601). */
export type Moment = Date | number | string;

export interface EpisodeInput {
  readonly text: string;
  /** Whose memory it is; the archive's default user when absent. */
  readonly user?: string;
  /** The conversation it belongs to. Turns of one session are each other's context. */
  readonly session?: string;
  readonly speaker?: string;
  /** When it was said; now when absent. */
  readonly time?: Moment;
  /** From then on it is not recalled, and `forget({ expired: true })` erases it. */
  readonly expiresAt?: Moment;
}

export type OutcomeStatus = 'stored' | 'duplicate' | 'near-duplicate' | 'echo' | 'rejected';

/** What became of one input. Nothing is ever dropped without one. */
export interface Outcome {
  /**
   * `duplicate`: the same text of the same session is there already. `near-duplicate`: almost the same, counted on the
   * older item. `echo`: what was just recalled came back. `rejected`: unusable; `reason` says why.
   */
  readonly status: OutcomeStatus;
  /** The new item, or the one it repeats. */
  readonly id?: ItemId;
  readonly reason?: string;
  /** Facts found in it, new or confirmed. */
  readonly facts: readonly ItemId[];
  /** Personal data replaced before storing, by kind. */
  readonly redacted?: Redaction['counts'];
}

/** An item as it is kept. Times are ISO 8601. */
export interface Item {
  readonly id: ItemId;
  readonly kind: ItemKind;
  readonly user: string;
  readonly text: string;
  readonly time: string;
  readonly session?: string;
  readonly speaker?: string;
  readonly document?: string;
  /** Position within the session or document. */
  readonly turn?: number;
  readonly tokens: number;
  /** How often nearly the same was said again. */
  readonly repeats: number;
  /** Since when something newer contradicts it. */
  readonly supersededAt?: string;
}
