// The window: the latest turns of a session that fit a budget of tokens, and a summary of those that do not.
import { ConfigError } from '../core/errors.js';
import type { Context } from './context.js';
import type { FullItem } from './recall/results.js';
import { itemSelection, itemTables, selectItems } from './recall/results.js';
import { checkName, requireScope } from './scope.js';
import { replaceSummary } from './summaries.js';
import type { Summarizer } from './summarizer.js';

export interface WindowOptions {
  readonly session: string;
  readonly user?: string;
  /** Bound on the sum of the turns' tokens. A budget counts tokens, not messages: messages have no size. */
  readonly maxTokens: number;
}

export interface Window {
  /** In order; the last is the newest. */
  readonly turns: readonly FullItem[];
  /** Tokens of the turns. */
  readonly tokens: number;
  /** How many older turns are left out. */
  readonly omitted: number;
  /** What was said in turns that no longer fit, if `summarizeSession` was called. */
  readonly summary?: FullItem;
}

const ofSession = `s.tenant = $1 AND i.scope = $2 AND i.session = $3 AND i.state = 'active'
  AND (i.expires_at IS NULL OR i.expires_at > $4::timestamptz)`;

/** @throws {DataError} for an unknown user */
export async function readWindow(context: Context, options: WindowOptions): Promise<Window> {
  const { scope } = await requireScope(context.database, context.tenant, options.user ?? context.defaultUser);
  const session = checkName(options.session, 'session');
  if (!(options.maxTokens > 0))
    throw new ConfigError(`maxTokens is ${options.maxTokens}. Give a positive number.`);
  const parameters = [context.tenant, scope, session, context.now()];
  const turns = await selectItems(
    context,
    `SELECT * FROM (
       ${itemSelection}, sum(i.tokens) OVER (ORDER BY i.turn DESC) AS running
       FROM ${itemTables} WHERE ${ofSession} AND i.kind = 'episode'
     ) AS latest WHERE running <= $5::int8 ORDER BY turn`,
    [...parameters, Math.floor(options.maxTokens)],
  );
  const [counted] = await context.database.query<{ n: number }>(
    `SELECT count(*)::int4 AS n FROM items i JOIN scopes s USING (scope) WHERE ${ofSession} AND i.kind = 'episode'`,
    parameters,
  );
  const [summary] = await selectItems(
    context,
    `${itemSelection} FROM ${itemTables} WHERE ${ofSession} AND i.kind = 'summary' ORDER BY i.ordinal DESC LIMIT 1`,
    parameters,
  );
  return {
    turns,
    tokens: turns.reduce((sum, { tokens }) => sum + tokens, 0),
    omitted: (counted?.n ?? 0) - turns.length,
    ...(summary === undefined ? {} : { summary }),
  };
}

/**
 * Writes a summary of the turns that fall out of the window; it replaces the session's earlier one, which it is given.
 * The summary knows its turns: when one of them is forgotten, the summary goes too.
 *
 * @returns `undefined` when everything fits
 */
export async function summarizeSession(
  context: Context,
  summarizer: Summarizer,
  options: WindowOptions,
): Promise<FullItem | undefined> {
  const { turns, omitted, summary: previous } = await readWindow(context, options);
  if (omitted === 0) return undefined;
  const user = options.user ?? context.defaultUser;
  const { scope } = await requireScope(context.database, context.tenant, user);
  const covered = new Set(previous?.sources);
  const older = (
    await selectItems(
      context,
      `${itemSelection} FROM ${itemTables} WHERE ${ofSession} AND i.kind = 'episode' AND i.turn < $5 ORDER BY i.turn`,
      [context.tenant, scope, options.session, context.now(), turns[0]?.turn ?? 2 ** 31 - 1],
    )
  ).filter(({ id }) => !covered.has(id));
  if (older.length === 0) return previous;
  const text = await summarizer.summarize(older, {
    maxTokens: options.maxTokens,
    ...(previous === undefined ? {} : { previous: previous.text }),
  });
  const sources = [...(previous?.sources ?? []), ...older.map(({ id }) => id)];
  const occurredAt = new Date(older.at(-1)?.time ?? context.now());
  return replaceSummary(context, { user, session: options.session, text, occurredAt, sources, previous });
}
