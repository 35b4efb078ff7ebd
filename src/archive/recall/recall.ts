// Recall: searches by words, vectors and dates, ranks what is permitted, and returns it with the reasons.
import type { Context } from '../context.js';
import type { Place, Scope } from '../scope.js';
import { idOf, listScopes, requireScope } from '../scope.js';
import type { Candidate } from './candidate.js';
import { candidatesAt, placesWithin } from './candidate.js';
import type { Query, RecallOptions } from './query.js';
import { parseQuery } from './query.js';
import type { ScoreParts } from './rank.js';
import { rank } from './rank.js';
import type { FullItem } from './results.js';
import { itemsAt, neighboursOf } from './results.js';
import type { TermScore, TextSearch } from './text-search.js';
import { searchText } from './text-search.js';
import type { VectorHit } from './vector-search.js';
import { searchVectors } from './vector-search.js';

/** One thing recalled, and why. */
export interface Recollection {
  readonly item: FullItem;
  /** Comparable within one recall only. */
  readonly score: number;
  readonly parts: ScoreParts;
  /** The question's words that the item contains, as the index knows them. */
  readonly terms: readonly TermScore[];
  /** The turns around it, in order; empty unless asked for. */
  readonly neighbours: readonly FullItem[];
}

/** Candidates looked at first; more when filters leave too few. */
const firstCandidates = 256;
const vectorCandidates = 100;
const dateCandidates = 100;

/**
 * The items that answer a question best, best first.
 *
 * @throws {DataError} for an unknown user or an option that cannot be used
 */
export async function recall(
  context: Context,
  question: string,
  options: RecallOptions = {},
): Promise<readonly Recollection[]> {
  const query = parseQuery(context, question, options);
  const { database, tenant } = context;
  const scopes =
    query.user === undefined
      ? await listScopes(database, tenant)
      : [await requireScope(database, tenant, query.user)];
  const [text, vectors] = await Promise.all([
    searchText(context, [...query.analysis.terms.keys()], scopes),
    searchVectors(context, query.text, scopes, vectorCandidates),
  ]);
  const similarities = new Map(vectors.map((hit) => [idOf(hit), hit.similarity]));
  const candidates = await gatherCandidates(context, query, scopes, text, vectors);
  const ranked = rank(context.analyzer, query, candidates, {
    textScore: (candidate) => text.scoreOf(candidate),
    similarity: (candidate) => similarities.get(idOf(candidate)),
  });
  const items = new Map(
    (
      await itemsAt(
        context,
        ranked.map(({ candidate }) => candidate),
      )
    ).map((item) => [item.id, item]),
  );
  const recollections: Recollection[] = [];
  for (const { candidate, score, parts } of ranked) {
    const item = items.get(idOf(candidate));
    if (item === undefined) continue;
    context.recalled.note(candidate.scope, candidate.ordinal, item.text);
    const neighbours =
      query.neighbours === 0 ? [] : await neighboursOf(context, candidate, query.neighbours, query.at);
    recollections.push({ item, score, parts, terms: text.termsOf(candidate), neighbours });
  }
  return recollections;
}

/** Looks further down the text ranking as long as filters leave too few. */
async function gatherCandidates(
  context: Context,
  query: Query,
  scopes: readonly Scope[],
  text: TextSearch,
  vectors: readonly VectorHit[],
): Promise<readonly Candidate[]> {
  const { database, tenant } = context;
  const found = new Map<string, Candidate>();
  const add = (candidates: readonly Candidate[]): void => {
    for (const candidate of candidates) found.set(idOf(candidate), candidate);
  };
  const fetch = async (places: readonly Place[]): Promise<readonly Candidate[]> =>
    places.length === 0
      ? []
      : candidatesAt(
          database,
          tenant,
          query,
          places.map(({ scope }) => scope),
          places.map(({ ordinal }) => ordinal),
        );

  for (let count = firstCandidates, seen = 0; ; count *= 8) {
    const hits = text.best(count);
    const fresh = hits.slice(seen);
    add(await fetch(fresh));
    seen = hits.length;
    if (hits.length < count || found.size >= query.limit) break;
  }
  add(await fetch(vectors.filter((hit) => !found.has(idOf(hit)))));
  for (const interval of query.dates)
    for (const { scope } of scopes)
      add(await fetch(await placesWithin(database, scope, interval, dateCandidates)));
  return [...found.values()];
}
