// What every operation of the archive works with. Knows nothing of the operations.
import type { BoundedMap } from '../core/bounded-map.js';
import type { Logger } from '../core/log.js';
import type { Analyzer } from './analysis/analyzer.js';
import type { TermIds } from './analysis/term-ids.js';
import type { Database } from './database.js';
import type { RecalledTexts } from './echo.js';
import type { Embedder } from './embedder.js';
import type { Extractor } from './facts/statement.js';
import type { Cipher } from './privacy/cipher.js';
import type { Redactor } from './privacy/redact.js';
import type { TurnCache } from './turn-cache.js';
import type { VectorIndex } from './vector-index.js';
import type { WrittenScope } from './write-scope.js';

export interface Context {
  readonly database: Database;
  readonly tenant: string;
  readonly defaultUser: string;
  readonly analyzer: Analyzer;
  readonly ids: TermIds;
  readonly cipher: Cipher;
  readonly extractor: Extractor;
  readonly redactor: Redactor | undefined;
  readonly embedder: Embedder | undefined;
  /** Where the embedder's vectors lie; `undefined` without an embedder. */
  readonly vectors: VectorIndex | undefined;
  readonly recalled: RecalledTexts;
  readonly turns: TurnCache;
  /** What the last writing to each user's scope left behind (write-scope.ts). */
  readonly written: BoundedMap<WrittenScope>;
  readonly countTokens: (text: string) => number;
  readonly now: () => Date;
  /** Whose midnight begins a day: a name of the IANA database. */
  readonly timeZone: string;
  readonly log: Logger;
}

/** A text as it is stored: personal data may be replaced. */
export const storableText = ({ redactor }: Pick<Context, 'redactor'>, text: string): string =>
  redactor?.(text).text ?? text;

/** What a text is sealed for. */
export const ownerOf = ({ tenant }: Pick<Context, 'tenant'>, user: string): string =>
  JSON.stringify([tenant, user]);
