// Full-text search: BM25 over the inverted index of some scopes. Knows nothing of databases, filters, vectors or time.
import type { ItemScores, ScoredTerm } from '../bm25.js';
import { contribution, inverseDocumentFrequency, scoreItems, scoreOf } from '../bm25.js';
import type { OrdinalSet, Place, PlaceSets, Scope } from '../scope.js';
import { topIndexes } from '../top.js';
import { neighbourShares } from './context-score.js';
import type { WordLists } from './held-scope.js';

export interface TextHit extends Place {
  readonly score: number;
}

export interface TermScore {
  readonly term: string;
  readonly score: number;
}

export interface TextSearch {
  /**
   * The best items of all scopes, best first; of equal ones the later written. What was written just before and after an
   * item counts as a turn around it does when results are ranked.
   */
  best(count: number): readonly TextHit[];
  /** The best of some items by their own words alone, in the same order. */
  bestOf(wanted: PlaceSets, count: number): readonly TextHit[];
  scoreOf(place: Place): number;
  /** What each of the question's words adds to an item's score, the most important first. */
  termsOf(place: Place): readonly TermScore[];
}

interface ScopeSearch extends ItemScores {
  readonly terms: readonly (ScoredTerm & { readonly term: string })[];
}

/**
 * Document frequencies and lengths are those of the scopes searched, together.
 *
 * @param words by scope
 */
export function searchText(
  terms: readonly string[],
  scopes: readonly Scope[],
  words: ReadonlyMap<number, WordLists>,
): TextSearch {
  const itemCount = scopes.reduce((sum, scope) => sum + scope.itemCount, 0);
  const meanLength = scopes.reduce((sum, scope) => sum + scope.totalLength, 0) / Math.max(1, itemCount) || 1;
  const idfs = terms.map((_, n) => {
    let withTerm = 0;
    for (const lists of words.values())
      for (const { ordinals } of lists.get(n) ?? []) withTerm += ordinals.length;
    return inverseDocumentFrequency(itemCount, withTerm);
  });
  const searches = new Map<number, ScopeSearch>();
  for (const { scope, nextOrdinal } of scopes) {
    const found = [...(words.get(scope) ?? [])].flatMap(([n, lists]) =>
      lists.map((list) => ({ term: terms[n] ?? '', list, idf: idfs[n] ?? 0 })),
    );
    if (found.length > 0)
      searches.set(scope, { ...scoreItems(found, nextOrdinal, meanLength), terms: found });
  }
  /** @param scoresOf parallel to the ordinals of a scope */
  const bestBy = (scoresOf: (search: ScopeSearch, scope: number) => Float32Array, count: number): TextHit[] =>
    [...searches]
      .flatMap(([scope, search]) => {
        const scores = scoresOf(search, scope);
        return topIndexes(scores, count).map((i) => ({
          scope,
          ordinal: search.ordinals[i] ?? 0,
          score: scores[i] ?? 0,
        }));
      })
      .sort((a, b) => b.score - a.score || b.ordinal - a.ordinal)
      .slice(0, count);
  return {
    scoreOf({ scope, ordinal }) {
      const search = searches.get(scope);
      return search === undefined ? 0 : scoreOf(search, ordinal);
    },
    best: (count) => bestBy(withNeighbours, count),
    bestOf: (wanted, count) => bestBy((search, scope) => ofThese(search, wanted.get(scope)), count),
    termsOf({ scope, ordinal }) {
      return (searches.get(scope)?.terms ?? [])
        .map((term) => ({ term: term.term, score: contribution(term, ordinal, meanLength) }))
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score);
    },
  };
}

/** How far a turn's neighbours are, and what they add by distance: `shares[reach + distance]`. */
const reach = Math.max(...neighbourShares.map(({ distance }) => Math.abs(distance)));
const shares = new Float64Array(2 * reach + 1);
for (const { distance, share } of neighbourShares) shares[reach + distance] = share;

/** For each item that scores, its score and its share of the scores of the ordinals around it. */
function withNeighbours({ ordinals, scores }: ItemScores): Float32Array {
  const sums = scores.slice();
  for (let i = 0; i < sums.length; i++) {
    for (let j = i + 1; j < sums.length; j++) {
      const distance = (ordinals[j] ?? 0) - (ordinals[i] ?? 0);
      if (distance > reach) break;
      sums[i] = (sums[i] ?? 0) + (shares[reach + distance] ?? 0) * (scores[j] ?? 0);
      sums[j] = (sums[j] ?? 0) + (shares[reach - distance] ?? 0) * (scores[i] ?? 0);
    }
  }
  return sums;
}

/** The scores of the items wanted; 0 for the others. */
function ofThese({ ordinals, scores }: ItemScores, wanted: OrdinalSet | undefined): Float32Array {
  const kept = new Float32Array(scores.length);
  if (wanted === undefined) return kept;
  for (let i = 0; i < kept.length; i++) if (wanted.has(ordinals[i] ?? 0)) kept[i] = scores[i] ?? 0;
  return kept;
}
