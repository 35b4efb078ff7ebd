// Recall: searches by words, vectors and dates, ranks what is permitted, and returns it with the reasons.
import type { Context } from '../context.js';
import type { Database } from '../database.js';
import { readWords } from '../recent-words.js';
import type { Place, PlaceSets, Scope } from '../scope.js';
import { idOf, listScopes, requireScope } from '../scope.js';
import type { ItemId } from '../types.js';
import type { Candidate } from './candidate.js';
import { candidateOf, placesOfFacts, placesWithin } from './candidate.js';
import type { HeldScope, WordLists } from './held-scope.js';
import type { PlacedTraits } from './item-traits.js';
import { traitsAt } from './item-traits.js';
import { laterFirst } from './later-first.js';
import type { Query, RecallOptions } from './query.js';
import { parseQuery } from './query.js';
import type { ScoreParts } from './rank.js';
import { rank } from './rank.js';
import { readScope, scopeHeld } from './read-scope.js';
import type { FullItem } from './results.js';
import { itemsWithTraits, neighboursOf } from './results.js';
import type { TermScore, TextSearch } from './text-search.js';
import { searchText } from './text-search.js';
import type { VectorSearch } from './vector-search.js';
import { askVectors, withVectorSearch } from './vector-search.js';

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

/** Candidates looked at first; more when filters leave too few. Found on LoCoMo: 96 and 100 find as much. */
const textCandidates = 64;
/**
 * Facts weigh more than what was said in passing, but have no turns around them: they are looked for apart, lest chatter crowds
 * them out.
 */
const factCandidates = 32;
const vectorCandidates = 64;
const dateCandidates = 100;

/** Whom a question is asked of, where its words occur, and what is in memory of them. */
interface Reading {
  readonly scopes: readonly Scope[];
  readonly words: ReadonlyMap<number, WordLists>;
  readonly facts: PlaceSets;
  /** Of one user. */
  readonly held?: HeldScope;
  readonly holdMore?: () => void;
}

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
  return context.database.urgently(() => search(context, query, options));
}

async function search(
  context: Context,
  query: Query,
  options: RecallOptions,
): Promise<readonly Recollection[]> {
  const terms = [...query.analysis.terms.keys()];
  const likely = query.user === undefined ? undefined : scopeHeld(context, query.user);
  const [reading, asked] = await Promise.all([
    read(context, query, terms, options),
    askVectors(context, query.text, vectorCandidates, likely),
  ]);
  const text = searchText(terms, reading.scopes, reading.words);
  const { candidates, similarities } = await withVectorSearch(context, asked, reading.scopes, (vectors) =>
    gatherCandidates(context, query, reading, text, vectors),
  );
  const ranked = rank(context.analyzer, query, candidates, {
    textScore: (candidate) => text.scoreOf(candidate),
    similarity: (candidate) => similarities.get(idOf(candidate)),
  });
  const best = ranked.map(({ candidate }) => candidate);
  const items = new Map((await itemsOf(context, best, reading)).map((item) => [item.id, item]));
  const found = ranked.flatMap((result) => {
    const item = items.get(idOf(result.candidate));
    return item === undefined ? [] : [{ ...result, item }];
  });
  const recollections = found.map(async ({ candidate, item, score, parts }): Promise<Recollection> => {
    context.recalled.note(candidate.scope, candidate.ordinal, item.text);
    const neighbours =
      query.neighbours === 0 ? [] : await neighboursOf(context, candidate, query.neighbours, query.at);
    return { item, score, parts, terms: text.termsOf(candidate), neighbours };
  });
  const answer = laterFirst(await Promise.all(recollections));
  reading.holdMore?.();
  return answer;
}

/** The items found, as far as they are not in memory from the database. */
async function itemsOf(
  context: Context,
  found: readonly PlacedTraits[],
  { scopes, held }: Reading,
): Promise<readonly FullItem[]> {
  if (held === undefined) return itemsWithTraits(context, found, scopes);
  const { moment } = held;
  const inMemory = found.flatMap(({ ordinal }) => held.itemAt(ordinal) ?? []);
  const missing = found.filter(({ ordinal }) => held.itemAt(ordinal) === undefined);
  const read = await itemsWithTraits(context, missing, scopes);
  held.holdItems(read, moment);
  return [...inMemory, ...read];
}

async function read(
  context: Context,
  { user, kinds }: Query,
  terms: readonly string[],
  { unknownUser = 'refused' }: RecallOptions,
): Promise<Reading> {
  const { database, tenant, ids } = context;
  const words = terms.map((term) => ids.idOf(term));
  const factsOf = async (scopes: readonly Scope[]): Promise<PlaceSets> =>
    kinds.includes('fact') && terms.length > 0 ? placesOfFacts(database, scopes) : new Map();
  if (user === undefined) {
    const scopes = await listScopes(database, tenant);
    return { scopes, words: await wordsOf(database, scopes, words), facts: await factsOf(scopes) };
  }
  const reading = await readScope(context, user, words);
  if (reading === undefined) {
    if (unknownUser === 'refused') await requireScope(database, tenant, user);
    return { scopes: [], words: new Map(), facts: new Map() };
  }
  const { scope, held, holdMore } = reading;
  return {
    scopes: [scope],
    words: new Map([[scope.scope, reading.words]]),
    facts: held === undefined ? await factsOf([scope]) : new Map([[scope.scope, held.facts]]),
    ...(held && { held }),
    holdMore,
  };
}

async function wordsOf(
  database: Database,
  scopes: readonly Scope[],
  words: readonly string[],
): Promise<ReadonlyMap<number, WordLists>> {
  const numbers = scopes.map(({ scope }) => scope);
  const found = await readWords(database, numbers, words);
  return new Map(
    [...found].map(([scope, lists]) => [scope, new Map([...lists].map(([n, list]) => [n, [list]]))]),
  );
}

/** Finds what the words, the vectors and the dates point to, looking further down as long as filters leave too few. */
async function gatherCandidates(
  context: Context,
  query: Query,
  { scopes, held, facts: factPlaces }: Reading,
  text: TextSearch,
  vectors: VectorSearch,
): Promise<{
  readonly candidates: readonly Candidate[];
  readonly similarities: ReadonlyMap<ItemId, number>;
}> {
  const { database, tenant } = context;
  const found = new Map<ItemId, Candidate>();
  const seen = new Set<ItemId>();
  const traitsOf = (places: readonly Place[]): readonly PlacedTraits[] | Promise<readonly PlacedTraits[]> =>
    held === undefined ? traitsAt(database, tenant, places) : held.traitsAt(places);
  /** How many of the places are permitted. */
  const look = async (places: readonly Place[]): Promise<number> => {
    const fresh = places.filter((place) => !seen.has(idOf(place)));
    for (const place of fresh) seen.add(idOf(place));
    if (fresh.length > 0)
      for (const item of await traitsOf(fresh)) {
        const candidate = candidateOf(item, query);
        if (candidate !== undefined) found.set(idOf(item), candidate);
      }
    return places.filter((place) => found.has(idOf(place))).length;
  };
  const matching = text.best(textCandidates);
  const facts = text.bestOf(factPlaces, factCandidates);
  const nearest = await vectors.best(vectorCandidates);
  const near = new Set(nearest.map(idOf));
  const [compared] = await Promise.all([
    vectors.at([...matching, ...facts].filter((place) => !near.has(idOf(place)))),
    look([...matching, ...facts, ...nearest]),
  ]);
  await deepen(matching, textCandidates, query.limit, async (count) => text.best(count), look);
  const hits = await deepen(nearest, vectorCandidates, query.limit, (count) => vectors.best(count), look);
  for (const interval of query.dates)
    for (const { scope } of scopes) await look(await placesWithin(database, scope, interval, dateCandidates));
  const similarities = new Map([...compared, ...hits].map((hit) => [idOf(hit), hit.similarity]));
  const others = [...found.values()].filter((candidate) => !similarities.has(idOf(candidate)));
  for (const hit of await vectors.at(others)) similarities.set(idOf(hit), hit.similarity);
  return { candidates: [...found.values()], similarities };
}

/** Looks at what was found first, then at eight times as many each time, until enough are permitted or there are no more. */
async function deepen<Hit extends Place>(
  found: readonly Hit[],
  asked: number,
  enough: number,
  best: (count: number) => Promise<readonly Hit[]>,
  look: (hits: readonly Hit[]) => Promise<number>,
): Promise<readonly Hit[]> {
  let [hits, count] = [found, asked];
  while ((await look(hits)) < enough && hits.length >= count) {
    count *= 8;
    hits = await best(count);
  }
  return hits;
}
