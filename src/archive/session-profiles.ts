// Keeps what the answers of a conversation always begin from, such as a system message: no turn, and never recalled. Knows
// nothing of who answers.
import type { Context } from './context.js';
import { ownerOf, storableText } from './context.js';
import type { Queryable } from './database.js';

/** Texts, in order; none where it was taken away. */
export type Profile = readonly string[];

/** As it is stored: personal data may be replaced. */
export const storableProfile = (context: Pick<Context, 'redactor'>, texts: Profile): Profile =>
  texts.map((text) => storableText(context, text));

/** Ready to be written. */
export const sealProfile = (context: Context, user: string, texts: Profile): Promise<string> =>
  context.cipher.seal(JSON.stringify(storableProfile(context, texts)), ownerOf(context, user));

const openProfile = async (context: Context, user: string, sealed: string): Promise<Profile> =>
  JSON.parse(await context.cipher.open(sealed, ownerOf(context, user))) as Profile;

/** Puts it in the place of the one before, in the transaction of the turn it was given with. */
export async function writeProfile(
  transaction: Queryable,
  { scope, session }: { readonly scope: number; readonly session: string },
  sealed: string,
): Promise<void> {
  await transaction.query(
    `INSERT INTO session_profiles (scope, session, texts) VALUES ($1, $2, $3)
     ON CONFLICT (scope, session) DO UPDATE SET texts = EXCLUDED.texts`,
    [scope, session, sealed],
  );
}

/** That of the last of these sessions that has one: a branch has its parent's until it is given its own. */
export async function findProfile(
  context: Context,
  { user, sessions }: { readonly user: string; readonly sessions: readonly string[] },
): Promise<Profile | undefined> {
  const { database, tenant } = context;
  const rows = await database.query<{ texts: string }>(
    `SELECT p.texts FROM session_profiles p JOIN scopes s USING (scope)
     WHERE s.tenant = $1 AND s.user_name = $2 AND p.session = ANY ($3::text[])
     ORDER BY array_position($3::text[], p.session) DESC LIMIT 1`,
    [tenant, user, sessions],
  );
  const [first] = rows;
  return first && openProfile(context, user, first.texts);
}

/** All those of a user, by the names of their sessions. */
export async function listProfiles(
  context: Context,
  { scope, user }: { readonly scope: number; readonly user: string },
  database: Queryable = context.database,
): Promise<readonly { readonly session: string; readonly texts: Profile }[]> {
  const rows = await database.query<{ session: string; texts: string }>(
    'SELECT session, texts FROM session_profiles WHERE scope = $1 ORDER BY session',
    [scope],
  );
  return Promise.all(
    rows.map(async ({ session, texts }) => ({ session, texts: await openProfile(context, user, texts) })),
  );
}

/**
 * Takes in those of an export, for sessions that have an item and none yet: what is kept already is left as it is.
 *
 * @returns how many
 */
export async function importProfiles(
  context: Context,
  transaction: Queryable,
  { scope, user }: { readonly scope: number; readonly user: string },
  profiles: readonly { readonly session: string; readonly texts: Profile }[],
): Promise<number> {
  let taken = 0;
  for (const { session, texts } of profiles) {
    const rows = await transaction.query(
      `INSERT INTO session_profiles (scope, session, texts) SELECT $1::int4, $2::text, $3::text
       WHERE EXISTS (SELECT FROM items i WHERE i.scope = $1::int4 AND i.session = $2::text)
       ON CONFLICT (scope, session) DO NOTHING RETURNING session`,
      [scope, session, await sealProfile(context, user, texts)],
    );
    taken += rows.length;
  }
  return taken;
}

/** Erases those of sessions of which no item is left. @returns how many */
export async function eraseOrphanProfiles(transaction: Queryable, scope: number): Promise<number> {
  const gone = await transaction.query(
    `DELETE FROM session_profiles p WHERE p.scope = $1 AND NOT EXISTS (
       SELECT FROM items i WHERE i.scope = p.scope AND i.session = p.session) RETURNING p.session`,
    [scope],
  );
  return gone.length;
}

/** Erases those that have every one of these terms: they are no items, which an index finds. @returns how many */
export async function eraseProfilesWith(
  context: Context,
  transaction: Queryable,
  { scope, user }: { readonly scope: number; readonly user: string },
  terms: readonly string[],
): Promise<number> {
  const named: string[] = [];
  for (const { session, texts } of await listProfiles(context, { scope, user }, transaction)) {
    const said = context.analyzer.analyze(texts.join('\n')).terms;
    if (terms.every((term) => said.has(term))) named.push(session);
  }
  if (named.length > 0)
    await transaction.query('DELETE FROM session_profiles WHERE scope = $1 AND session = ANY ($2::text[])', [
      scope,
      named,
    ]);
  return named.length;
}
