// What an extractor finds in an episode, as a contract. Knows no rules.

/** "Anna lives in Berlin": subject Anna, attribute home, value Berlin. */
export interface Statement {
  readonly subject: string;
  readonly attribute: string;
  readonly value: string;
  /** The statement in words, for people and for the index. */
  readonly text: string;
  /** Only one value holds at a time, so that a new one ends the older (a home, an age), unlike what somebody likes. */
  readonly single: boolean;
  /** The value does not, or no longer, hold. */
  readonly negated: boolean;
  /** In [0, 1]. */
  readonly confidence: number;
  /** The value that this one puts right: "not Paris but Rome". The statement then takes over subject and attribute of that fact. */
  readonly corrects?: string;
}

export interface ExtractionInput {
  readonly text: string;
  /** Who says "I". */
  readonly speaker: string;
  readonly time: Date;
  /** Whose midnight begins a day: a name of the IANA database; `UTC` when absent. */
  readonly timeZone?: string;
}

/** Finds statements in a text. The archive's own uses rules (rules.ts); a user may plug in another, such as a model. */
export interface Extractor {
  extract(input: ExtractionInput): readonly Statement[] | Promise<readonly Statement[]>;
}

/** Finds nothing. */
export const noExtractor: Extractor = { extract: () => [] };
