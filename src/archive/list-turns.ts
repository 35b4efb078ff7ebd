// Lists the turns of conversations: what was read before is held, and one statement tells whether it holds and what is new.
import type { Context } from './context.js';
import { ownerOf } from './context.js';
import { checkCount } from './count.js';
import { checkName, idOf } from './scope.js';
import { openStep } from './tool-steps.js';
import type { HeldTurn, HeldTurns, TurnView } from './turn-cache.js';

/** A session, up to and with a turn. */
export interface SessionPart {
  readonly session: string;
  /** Default: all of it. */
  readonly upTo?: number;
}

export interface TurnsOptions {
  readonly user?: string;
  readonly sessions: readonly SessionPart[];
  /** The latest so many; default 1000, at most 100,000. */
  readonly limit?: number;
}

const wholeSession = 2 ** 31 - 1;
/** Read at once at least, so that who asks for the last turn and then for more reads once. */
const leastRead = 100;

/** The scope, and one of its turns; a scope without any is one row with nulls. */
interface Row {
  readonly scope: number;
  readonly revision: number;
  readonly nextOrdinal: number;
  readonly ordinal: number | null;
  readonly session: string;
  readonly turn: number;
  readonly speaker: string | null;
  readonly text: string;
  readonly time: Date;
  readonly expiresAt: Date | null;
  readonly stepsWritten: number;
  /** Sealed. */
  readonly steps: readonly string[] | null;
}

const columns = `s.scope, s.revision, s.next_ordinal AS "nextOrdinal", i.ordinal, i.session, i.turn, i.speaker, i.text,
  i.occurred_at AS time, i.expires_at AS "expiresAt", s.steps AS "stepsWritten", CASE WHEN s.steps > 0 THEN (
    SELECT array_agg(t.content ORDER BY t.step) FROM tool_steps t WHERE t.scope = i.scope AND t.ordinal = i.ordinal
  ) END AS steps`;
const ofSessions = `JOIN unnest($3::text[], $4::int4[]) AS part (session, last) ON part.session = i.session
  WHERE i.scope = s.scope AND i.turn <= part.last AND i.kind = 'episode' AND i.state = 'active'
    AND (i.expires_at IS NULL OR i.expires_at > $5::timestamptz)`;

/** Whose turns, and of which sessions: the parameters that both statements share. */
type Asked = readonly [tenant: string, user: string, sessions: string[], upTo: number[], now: Date];

const readLatest = (context: Context, asked: Asked, count: number): Promise<readonly Row[]> =>
  context.database.query<Row>(
    `SELECT ${columns} FROM scopes s LEFT JOIN LATERAL (
       SELECT i.* FROM items i ${ofSessions} ORDER BY i.turn DESC, i.ordinal DESC LIMIT $6) AS i ON true
     WHERE s.tenant = $1 AND s.user_name = $2`,
    [...asked, count],
  );

const readSince = (context: Context, asked: Asked, ordinal: number): Promise<readonly Row[]> =>
  context.database.query<Row>(
    `SELECT ${columns} FROM scopes s LEFT JOIN LATERAL (
       SELECT i.* FROM items i ${ofSessions} AND i.ordinal >= $6) AS i ON true
     WHERE s.tenant = $1 AND s.user_name = $2`,
    [...asked, ordinal],
  );

const inOrder = (a: HeldTurn, b: HeldTurn): number => a.view.turn - b.view.turn || a.ordinal - b.ordinal;

async function openTurns(context: Context, user: string, rows: readonly Row[]): Promise<HeldTurn[]> {
  const owner = ownerOf(context, user);
  const turns = rows.map(async (row): Promise<readonly HeldTurn[]> => {
    const { scope, ordinal, session, turn, speaker, time, expiresAt } = row;
    if (ordinal === null) return [];
    const steps = await Promise.all((row.steps ?? []).map((step) => openStep(context, user, step)));
    const view: TurnView = {
      id: idOf({ scope, ordinal }),
      session,
      turn,
      ...(speaker === null ? {} : { speaker }),
      text: await context.cipher.open(row.text, owner),
      time: time.toISOString(),
      ...(steps.length > 0 && { steps }),
    };
    return [{ view, ordinal, expiresMs: expiresAt?.getTime() ?? Infinity }];
  });
  return (await Promise.all(turns)).flat().sort(inOrder);
}

/** What is held with what was added since; `undefined` where it does not hold any more. */
async function broughtUpToDate(
  context: Context,
  asked: Asked,
  held: HeldTurns,
): Promise<HeldTurns | undefined> {
  const rows = await readSince(context, asked, held.nextOrdinal);
  const [first] = rows;
  if (first?.scope !== held.scope || first.revision !== held.revision || first.stepsWritten !== held.steps)
    return undefined;
  if (first.nextOrdinal === held.nextOrdinal) return held;
  const [oldest] = held.turns;
  const added = (await openTurns(context, asked[1], rows)).filter(
    // Of what is imported among older turns it is not known what stands between.
    (turn) => held.isWhole || (oldest !== undefined && inOrder(turn, oldest) > 0),
  );
  const turns = [...held.turns, ...added].sort(inOrder);
  return { ...held, nextOrdinal: first.nextOrdinal, turns };
}

async function readAnew(context: Context, asked: Asked, limit: number): Promise<HeldTurns | undefined> {
  const rows = await readLatest(context, asked, limit);
  const [first] = rows;
  if (first === undefined) return undefined;
  const { scope, revision, nextOrdinal, stepsWritten } = first;
  const turns = await openTurns(context, asked[1], rows);
  return { scope, revision, nextOrdinal, steps: stepsWritten, turns, isWhole: turns.length < limit };
}

/** What was said in sessions, in order. Nothing for a user who is not known. */
export async function listTurns(context: Context, options: TurnsOptions): Promise<readonly TurnView[]> {
  const user = checkName(options.user ?? context.defaultUser, 'user');
  const sessions = options.sessions.map(({ session }) => checkName(session, 'session'));
  const upTo = options.sessions.map((part) => part.upTo ?? wholeSession);
  const limit = checkCount(options.limit ?? 1000, 'limit', 1, 100_000);
  const now = context.now();
  const asked: Asked = [context.tenant, user, sessions, upTo, now];
  const key = JSON.stringify([context.tenant, user, sessions, upTo]);
  const latest = ({ turns }: HeldTurns): readonly TurnView[] =>
    turns.flatMap(({ view, expiresMs }) => (expiresMs > now.getTime() ? [view] : [])).slice(-limit);
  const before = context.turns.find(key);
  const held = before && (await broughtUpToDate(context, asked, before));
  if (held !== undefined && (held.isWhole || latest(held).length === limit)) {
    context.turns.hold(key, held);
    return latest(held);
  }
  const read = await readAnew(context, asked, Math.max(limit, leastRead));
  if (read === undefined) return [];
  context.turns.hold(key, read);
  return latest(read);
}
