// What a question asks for: words, a time, a person. Knows nothing of what there is to find.
import { DataError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { Analysis } from '../analysis/analyzer.js';
import type { Context } from '../context.js';
import type { Interval } from '../dates/calendar.js';
import { findDates } from '../dates/find-dates.js';
import { checkCount } from '../count.js';
import { checkText } from '../episode-input.js';
import { toDate } from '../moment.js';
import { checkName } from '../scope.js';
import type { ItemKind, Moment } from '../types.js';
import { itemKinds } from '../types.js';

export interface RecallOptions {
  /** Number of results; 10 by default, at most 200. */
  readonly limit?: number;
  readonly user?: string;
  /** What a user of whom nothing is held is: an error (`refused`, the default), or somebody with no memories (`empty`). */
  readonly unknownUser?: 'refused' | 'empty';
  /** Searches what every user of the tenant told. */
  readonly allUsers?: boolean;
  readonly session?: string;
  readonly kinds?: readonly ItemKind[];
  /** Only what happened from this moment on. */
  readonly since?: Moment;
  /** Only what happened before this moment. */
  readonly until?: Moment;
  /** The moment the question is asked, which "last May" refers to; now when absent. */
  readonly at?: Moment;
  /** Whose midnight begins "yesterday": a name of the IANA database; that of the archive when absent. */
  readonly timeZone?: string;
  /** Turns before and after each result to return as its context; 0 by default, at most 10. */
  readonly neighbours?: number;
}

export interface Query {
  readonly text: string;
  readonly analysis: Analysis;
  readonly limit: number;
  readonly user: string | undefined;
  readonly session: string | undefined;
  readonly kinds: readonly ItemKind[];
  readonly since: Date | undefined;
  readonly until: Date | undefined;
  readonly at: Date;
  readonly neighbours: number;
  /** The times the question names. */
  readonly dates: readonly Interval[];
}

const maxQueryLength = 10_000;

function checkKind(kind: ItemKind): ItemKind {
  if (itemKinds.includes(kind)) return kind;
  throw new DataError(`There is no kind "${String(kind)}".${didYouMean(String(kind), itemKinds)}`, {
    fields: { kind },
  });
}

/** @throws {DataError} when an option cannot be used */
export function parseQuery(context: Context, question: string, options: RecallOptions): Query {
  const text = checkText(question, maxQueryLength, 'Ask a shorter question.');
  const at = options.at === undefined ? context.now() : toDate(options.at, 'at');
  const timeZone = options.timeZone ?? context.timeZone;
  const dates = findDates(text, at, { timeZone });
  // The words of a date say when, not what: "May" is not looked for among the words, "Christmas" is.
  const words = dates.reduceRight(
    (rest, { start, end, holiday = '' }) => `${rest.slice(0, start)} ${holiday} ${rest.slice(end)}`,
    text,
  );
  return {
    text,
    analysis: context.analyzer.analyze(words),
    limit: checkCount(options.limit ?? 10, 'limit', 1, 200),
    user: options.allUsers ? undefined : checkName(options.user ?? context.defaultUser, 'user'),
    session: options.session === undefined ? undefined : checkName(options.session, 'session'),
    kinds: (options.kinds ?? itemKinds).map(checkKind),
    since: options.since === undefined ? undefined : toDate(options.since, 'since'),
    until: options.until === undefined ? undefined : toDate(options.until, 'until'),
    at,
    neighbours: checkCount(options.neighbours ?? 0, 'neighbours', 0, 10),
    dates,
  };
}
