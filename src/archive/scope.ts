// Tenants and users as numbers. Every query of the archive is bound to scopes found here, so none can leave its tenant.
import { DataError, NotFoundError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { analyzerVersion } from './analysis/version.js';
import type { Queryable } from './database.js';
import { itemsAtPlaces } from './database.js';
import type { RecentState } from './recent-words.js';
import { recentStateColumns } from './recent-words.js';
import type { ItemId } from './types.js';

/** What one user of one tenant has told. */
export interface Scope extends RecentState {
  readonly scope: number;
  readonly user: string;
  /** Ordinals are in [0, nextOrdinal). */
  readonly nextOrdinal: number;
  readonly itemCount: number;
  /** Sum of the items' lengths in terms. */
  readonly totalLength: number;
}

const columns = `scope, user_name AS "user", next_ordinal AS "nextOrdinal", ${recentStateColumns}, item_count AS "itemCount", total_length::float8 AS "totalLength"`;
/** Names longer than this are refused. */
export const maxNameLength = 200;
/** The user of an archive whose users have no names. */
export const unnamedUser = 'default';

/** Whether it can name a tenant, user, session or speaker. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.trim() !== '' &&
  value.length <= maxNameLength &&
  !/[\p{Cc}\p{Cs}]/u.test(value);

/** @throws {DataError} when a name (tenant, user, session, speaker) is empty, too long or has control characters */
export function checkName(value: string, what: string): string {
  if (isName(value)) return value;
  throw new DataError(
    `The ${what} ${JSON.stringify(value)?.slice(0, 60)} cannot be used. Give 1 to ${maxNameLength} characters without control characters.`,
    { fields: { what } },
  );
}

export async function findScope(
  database: Queryable,
  tenant: string,
  user: string,
): Promise<Scope | undefined> {
  const rows = await database.query<Scope>(
    `SELECT ${columns} FROM scopes WHERE tenant = $1 AND user_name = $2`,
    [tenant, user],
  );
  return rows[0];
}

export function listScopes(database: Queryable, tenant: string): Promise<readonly Scope[]> {
  return database.query<Scope>(`SELECT ${columns} FROM scopes WHERE tenant = $1 ORDER BY scope`, [tenant]);
}

/** @throws {NotFoundError} when nothing is held of that user; the message names similar users of the same tenant */
export async function requireScope(database: Queryable, tenant: string, user: string): Promise<Scope> {
  const found = await findScope(database, tenant, checkName(user, 'user'));
  if (found !== undefined) return found;
  const some = await database.query<{ user: string }>(
    'SELECT user_name AS "user" FROM scopes WHERE tenant = $1 ORDER BY scope LIMIT 1000',
    [tenant],
  );
  const users = some.map((scope) => scope.user);
  const hint = users.length === 0 ? ' The archive holds nothing yet.' : didYouMean(user, users);
  throw new NotFoundError(`Nothing is held of user "${user}".${hint}`, { fields: { user } });
}

/**
 * Finds or creates the scope and locks it until the transaction ends: writers of one user take turns. What is empty gets
 * its index from this version of the analyzer.
 */
export async function lockScope(transaction: Queryable, tenant: string, user: string): Promise<Scope> {
  const rows = await transaction.query<Scope>(
    `INSERT INTO scopes (tenant, user_name, analyzer) VALUES ($1, $2, $3)
     ON CONFLICT (tenant, user_name) DO UPDATE
     SET analyzer = CASE WHEN scopes.item_count = 0 THEN EXCLUDED.analyzer ELSE scopes.analyzer END RETURNING ${columns}`,
    [tenant, user, analyzerVersion],
  );
  const [scope] = rows;
  if (scope === undefined) throw new DataError(`The user "${user}" could not be created.`);
  return scope;
}

export interface Place {
  readonly scope: number;
  readonly ordinal: number;
}

/** Places, as the ordinals of each scope. */
export type PlaceSets = ReadonlyMap<number, OrdinalSet>;
export interface OrdinalSet {
  has(ordinal: number): boolean;
}

/** Places as two columns of a statement's parameters. */
export const columnsOf = (places: readonly Place[]): readonly [readonly number[], readonly number[]] => [
  places.map(({ scope }) => scope),
  places.map(({ ordinal }) => ordinal),
];

export const idOf = ({ scope, ordinal }: Place): ItemId => `${scope}-${ordinal}`;

/** @throws {DataError} when the text is no item id */
export function placeOf(id: ItemId): Place {
  const match = /^(\d{1,9})-(\d{1,9})$/.exec(id);
  if (match === null)
    throw new DataError(
      `${JSON.stringify(String(id).slice(0, 60))} is not an item id. Expected two numbers such as "3-141".`,
      {
        fields: { id },
      },
    );
  return { scope: Number(match[1]), ordinal: Number(match[2]) };
}

/**
 * The places of items that belong to the tenant.
 *
 * @throws {NotFoundError} when one does not exist or belongs to another tenant; the two cannot be told apart
 */
export async function placesOfTenant(
  database: Queryable,
  tenant: string,
  ids: readonly ItemId[],
): Promise<readonly Place[]> {
  const places = ids.map(placeOf);
  const found = await database.query<Place>(
    `SELECT i.scope, i.ordinal FROM ${itemsAtPlaces('$2', '$3')} JOIN scopes s ON s.scope = i.scope WHERE s.tenant = $1`,
    [tenant, places.map((place) => place.scope), places.map((place) => place.ordinal)],
  );
  const known = new Set(found.map(idOf));
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined)
    throw new NotFoundError(`There is no item "${missing}". Take ids from what recall or history returns.`, {
      fields: { id: missing },
    });
  return places;
}
