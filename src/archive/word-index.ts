// Whether the index of words was made by the analyzer that reads it. Knows nothing of what the index holds.
import { analyzerVersion } from './analysis/version.js';
import type { Context } from './context.js';

/** Says that the words are to be indexed again where another version of the analyzer made the index of a user. */
export async function checkWordIndex({ database, tenant, log }: Context): Promise<void> {
  const others = await database.query<{ analyzer: number; users: number }>(
    `SELECT analyzer, count(*)::int4 AS users FROM scopes WHERE tenant = $1 AND item_count > 0 AND analyzer <> $2
     GROUP BY analyzer ORDER BY analyzer`,
    [tenant, analyzerVersion],
  );
  if (others.length === 0) return;
  const versions = others.map(({ analyzer }) => (analyzer === 0 ? 'unrecorded' : analyzer)).join(', ');
  const users = others.reduce((sum, other) => sum + other.users, 0);
  log.log(
    'warn',
    `The words of ${users} ${users === 1 ? 'user' : 'users'} were indexed by another version of the analyzer (${versions}; this one is ${analyzerVersion}): some texts may not be found by their words. \`mneme archive reindex\` makes the index again.`,
  );
}
