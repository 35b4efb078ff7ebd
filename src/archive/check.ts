// The consistency check: whether rows, index, vectors, facts and counts say the same. Changes nothing.
import { messageOf } from '../core/errors.js';
import type { Context } from './context.js';
import { ownerOf } from './context.js';
import { indexedItem } from './erase.js';
import { belonging } from './migrations/0016-erased-together.js';
import type { PostingList } from './postings.js';
import { readAllPostings } from './postings.js';
import type { LongWork } from './progress.js';
import { reportProgress } from './progress.js';
import { postingsOf, readRecent } from './recent-words.js';
import type { Scope } from './scope.js';
import { idOf, listScopes } from './scope.js';
import { sourcesOfItem } from './sources.js';
import type { ItemId, ItemKind } from './types.js';
import { codeBytes } from './vector-codes.js';
import { findVectorIndex, tableOf } from './vector-index.js';

export interface Problem {
  readonly kind: 'index' | 'orphan' | 'vector' | 'fact' | 'count' | 'sealed' | 'document';
  readonly message: string;
  readonly id?: ItemId;
}

export interface CheckReport {
  readonly ok: boolean;
  readonly users: number;
  readonly items: number;
  readonly postings: number;
  readonly vectors: number;
  /** At most 1,000; `problemCount` counts all. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

const maxListed = 1000;
const pageSize = 1000;

/** Collects problems, however many there are. */
class Findings {
  readonly problems: Problem[] = [];
  count = 0;

  add(problem: Problem): void {
    this.count++;
    if (this.problems.length < maxListed) this.problems.push(problem);
  }
}

/** A number for one posting; sums of these tell whether two indexes hold the same, in any order. */
function mark(term: string, frequency: number, length: number): number {
  const digits = Number(BigInt.asUintN(32, BigInt(term)));
  return (Math.imul(digits ^ (frequency * 0x01000193), 0x9e3779b1) + Math.imul(length, 0x85ebca6b)) >>> 0;
}

interface Row {
  readonly ordinal: number;
  readonly kind: ItemKind;
  readonly speaker: string | null;
  readonly length: number;
  readonly text: string;
}

/** Works the index out again from the texts and compares it item by item. */
async function checkScope(
  context: Context,
  scope: Scope,
  findings: Findings,
  onItems: (count: number) => void,
): Promise<{ items: number; postings: number }> {
  const { database } = context;
  const expected = new Uint32Array(scope.nextOrdinal);
  const exists = new Uint8Array(scope.nextOrdinal);
  let [items, totalLength] = [0, 0];
  for (let after = -1; ;) {
    const rows = await database.query<Row>(
      'SELECT ordinal, kind, speaker, length, text FROM items WHERE scope = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3',
      [scope.scope, after, pageSize],
    );
    for (const row of rows) {
      exists[row.ordinal] = 1;
      items++;
      totalLength += row.length;
      const id = idOf({ scope: scope.scope, ordinal: row.ordinal });
      try {
        const text = await context.cipher.open(row.text, ownerOf(context, scope.user));
        const { analysis, extra } = indexedItem(context, row, text);
        if (analysis.length !== row.length)
          findings.add({
            kind: 'index',
            id,
            message: `Item ${id} has ${row.length} terms by its row, ${analysis.length} by its text.`,
          });
        let sum = 0;
        for (const [term, frequency] of analysis.terms)
          sum += mark(context.ids.idOf(term), Math.min(frequency, 63), Math.min(analysis.length, 0xffff));
        for (const term of extra) sum += mark(term, 1, Math.min(analysis.length, 0xffff));
        expected[row.ordinal] = sum >>> 0;
      } catch (error) {
        findings.add({ kind: 'sealed', id, message: `Item ${id} cannot be read: ${messageOf(error)}` });
        exists[row.ordinal] = 2;
      }
    }
    onItems(items);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.ordinal;
  }
  const actual = new Uint32Array(scope.nextOrdinal);
  let postings = 0;
  const note = (term: string, list: PostingList): void => {
    for (const [i, ordinal] of list.ordinals.entries()) {
      postings++;
      if (exists[ordinal] === undefined || exists[ordinal] === 0)
        findings.add({
          kind: 'orphan',
          message: `The index of user "${scope.user}" names item ${idOf({ scope: scope.scope, ordinal })}, which does not exist.`,
        });
      else
        actual[ordinal] =
          ((actual[ordinal] ?? 0) + mark(term, list.frequencies[i] ?? 0, list.lengths[i] ?? 0)) >>> 0;
    }
  };
  for (const item of await readRecent(database, scope.scope))
    for (const { term, list } of postingsOf(item, scope)) note(term, list);
  for await (const { term, list } of readAllPostings(database, scope.scope)) note(term, list);
  for (const [ordinal, sum] of expected.entries()) {
    if (exists[ordinal] !== 1 || sum === actual[ordinal]) continue;
    const id = idOf({ scope: scope.scope, ordinal });
    findings.add({
      kind: 'index',
      id,
      message: `The index does not hold the words of item ${id} as they are. Re-index.`,
    });
  }
  if (items !== scope.itemCount || totalLength !== scope.totalLength)
    findings.add({
      kind: 'count',
      message: `User "${scope.user}" has ${items} items of ${totalLength} terms; the counts say ${scope.itemCount} and ${scope.totalLength}. Re-index.`,
    });
  return { items, postings };
}

/** Rows that refer to nothing, or lack what they need; each query gives places with a message. */
const rowChecks: readonly {
  readonly kind: Problem['kind'];
  readonly sql: string;
  /** The column of `i` that names the scope; default `scope`. */
  readonly scope?: string;
  readonly message: string;
}[] = [
  ...belonging.map(([table, scope, ordinal]) => ({
    kind: 'orphan' as const,
    sql: `SELECT DISTINCT i.${scope} AS scope, i.${ordinal} AS ordinal FROM ${table} i WHERE NOT EXISTS (
      SELECT FROM items o WHERE o.scope = i.${scope} AND o.ordinal = i.${ordinal})`,
    scope,
    message: `does not exist, but ${table} has rows of it`,
  })),
  {
    kind: 'fact',
    sql: `SELECT i.scope, i.ordinal FROM items i LEFT JOIN facts f USING (scope, ordinal) WHERE i.kind = 'fact' AND f.ordinal IS NULL`,
    message: 'is a fact without its statement',
  },
  {
    kind: 'fact',
    sql: `SELECT i.scope, i.ordinal FROM items i JOIN facts f USING (scope, ordinal) WHERE i.kind <> 'fact' OR f.valid_to < f.valid_from`,
    message: 'has a statement that cannot be',
  },
  {
    kind: 'orphan',
    sql: `SELECT i.scope, i.ordinal FROM items i WHERE i.kind IN ('fact', 'summary') AND ${sourcesOfItem} IS NULL`,
    message: 'was made from episodes that are gone',
  },
  {
    kind: 'orphan',
    sql: `SELECT i.scope, i.ordinal FROM summary_sources i WHERE EXISTS (
      SELECT FROM unnest(i.sources) AS made (source) WHERE NOT EXISTS (
        SELECT FROM items o WHERE o.scope = i.scope AND o.ordinal = made.source))`,
    message: 'was made from episodes of which some are gone',
  },
  {
    kind: 'document',
    sql: `SELECT i.scope, i.ordinal FROM items i WHERE i.kind = 'chunk' AND i.document IS NULL`,
    message: 'is a chunk of no document',
  },
  {
    kind: 'orphan',
    sql: `SELECT i.scope, i.ordinal FROM items i JOIN answer_windows w USING (scope, ordinal) WHERE (i.kind, coalesce(i.session, '')) <> ('episode', w.session)`,
    message: 'is no turn of the conversation whose answer it is said to be',
  },
  {
    kind: 'orphan',
    sql: `SELECT DISTINCT i.scope, i.ordinal FROM items i JOIN tool_steps t USING (scope, ordinal) WHERE i.kind <> 'episode'`,
    message: 'is no message for which tools could be called',
  },
];

async function checkVectors(
  context: Context,
  scopes: readonly number[],
  findings: Findings,
): Promise<number> {
  const { database } = context;
  const vectors = context.vectors ?? (await findVectorIndex(database));
  if (vectors === undefined) return 0;
  const table = tableOf(vectors);
  const dimension = {
    vector: 'vector_dims(v.embedding)',
    bytea: 'octet_length(v.embedding) / 4',
    codes: `octet_length(v.embedding) - ${codeBytes(0)}`,
  }[vectors.storage];
  const rows = await database.query<{
    scope: number;
    ordinal: number;
    dimension: number | null;
    orphan: boolean;
  }>(
    `SELECT scope, ordinal, ${dimension} AS dimension, i.kind IS NULL AS orphan
     FROM (SELECT * FROM items WHERE scope = ANY ($1::int4[])) i
     FULL JOIN (SELECT * FROM ${table} WHERE scope = ANY ($1::int4[])) v USING (scope, ordinal)
     WHERE i.kind IS NULL OR ($3::boolean AND v.embedding IS NULL) OR ${dimension} <> $2`,
    // Who works without an embedder writes without vectors.
    [scopes, vectors.dimension, context.vectors !== undefined],
  );
  for (const row of rows) {
    const id = idOf(row);
    if (row.orphan)
      findings.add({
        kind: 'orphan',
        id,
        message: `There is a vector for item ${id}, which does not exist.`,
      });
    else if (row.dimension === null)
      findings.add({ kind: 'vector', id, message: `Item ${id} has no vector. Re-index.` });
    else
      findings.add({
        kind: 'vector',
        id,
        message: `The vector of item ${id} has ${row.dimension} numbers, not ${vectors.dimension}. Re-index.`,
      });
  }
  const [counted] = await database.query<{ n: number }>(
    `SELECT count(*)::int4 AS n FROM ${table} WHERE scope = ANY ($1::int4[])`,
    [scopes],
  );
  return counted?.n ?? 0;
}

/** Whether what was given for answers, and what tools gave, can be read. */
async function checkBeside(context: Context, { scope, user }: Scope, findings: Findings): Promise<void> {
  const { database, cipher } = context;
  const sealed = await database.query<{ ordinal: number; text: string }>(
    `SELECT ordinal, outline AS text FROM answer_windows WHERE scope = $1
     UNION ALL SELECT ordinal, detail FROM answer_window_items WHERE scope = $1
     UNION ALL SELECT ordinal, content FROM tool_steps WHERE scope = $1`,
    [scope],
  );
  for (const { ordinal, text } of sealed) {
    const id = idOf({ scope, ordinal });
    try {
      await cipher.open(text, ownerOf(context, user));
    } catch (error) {
      findings.add({
        kind: 'sealed',
        id,
        message: `What was given for answer ${id}, or what tools gave for it, cannot be read: ${messageOf(error)}`,
      });
    }
  }
}

/** Whether what answers of conversations begin from can be read. */
async function checkProfiles(context: Context, { scope, user }: Scope, findings: Findings): Promise<void> {
  const sealed = await context.database.query<{ session: string; texts: string }>(
    'SELECT session, texts FROM session_profiles WHERE scope = $1',
    [scope],
  );
  for (const { session, texts } of sealed) {
    try {
      await context.cipher.open(texts, ownerOf(context, user));
    } catch (error) {
      const message = `What answers of "${session}" begin from cannot be read: ${messageOf(error)}`;
      findings.add({ kind: 'sealed', message });
    }
  }
}

/** Checks everything held of the tenant. */
export async function check(context: Context, work: LongWork = {}): Promise<CheckReport> {
  const findings = new Findings();
  const scopes = await listScopes(context.database, context.tenant);
  const numbers = scopes.map(({ scope }) => scope);
  const total = scopes.reduce((sum, { itemCount }) => sum + itemCount, 0);
  let [items, postings] = [0, 0];
  for (const scope of scopes) {
    const done = items;
    const onItems = (count: number): void =>
      reportProgress(work, { phase: 'check', done: done + count, total: Math.max(total, done + count) });
    const counts = await checkScope(context, scope, findings, onItems);
    await checkBeside(context, scope, findings);
    await checkProfiles(context, scope, findings);
    items += counts.items;
    postings += counts.postings;
  }
  for (const { kind, sql, message, scope = 'scope' } of rowChecks) {
    const rows = await context.database.query<{ scope: number; ordinal: number }>(
      `${sql} AND i.${scope} = ANY ($1::int4[])`,
      [numbers],
    );
    for (const row of rows) findings.add({ kind, id: idOf(row), message: `Item ${idOf(row)} ${message}.` });
  }
  const vectors = await checkVectors(context, numbers, findings);
  return {
    ok: findings.count === 0,
    users: scopes.length,
    items,
    postings,
    vectors,
    problems: findings.problems,
    problemCount: findings.count,
  };
}
