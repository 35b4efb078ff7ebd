// Full-text search: BM25 over the inverted index of some scopes. Knows nothing of databases, filters, vectors or time.
import type { ItemScores } from '../bm25.js';
import { contribution, inverseDocumentFrequency, scoreItems } from '../bm25.js';
import type { Place, Scope } from '../scope.js';
import type { PostingList } from '../postings.js';
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
  scoreOf(place: Place): number;
  /** What each of the question's words adds to an item's score, the most important first. */
  termsOf(place: Place): readonly TermScore[];
}

interface ScopeSearch extends ItemScores {
  readonly meanLength: number;
  readonly terms: readonly { readonly term: string; readonly list: PostingList; readonly idf: number }[];
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
      searches.set(scope, { ...scoreItems(found, nextOrdinal, meanLength), meanLength, terms: found });
  }
  const scoreOf = ({ scope, ordinal }: Place): number => searches.get(scope)?.scores[ordinal] ?? 0;
  return {
    scoreOf,
    best: (count) =>
      [...searches]
        .flatMap(([scope, search]) => {
          const sums = withNeighbours(search);
          return topIndexes(sums, count).map((i) => ({
            scope,
            ordinal: search.matching[i] ?? 0,
            score: sums[i] ?? 0,
          }));
        })
        .sort((a, b) => b.score - a.score || b.ordinal - a.ordinal)
        .slice(0, count),
    termsOf({ scope, ordinal }) {
      const search = searches.get(scope);
      return (search?.terms ?? [])
        .map(({ term, list, idf }) => ({
          term,
          score: contribution(list, idf, ordinal, search?.meanLength ?? 1),
        }))
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score);
    },
  };
}

/** For each matching item, its score and its share of the scores of the ordinals around it. */
function withNeighbours({ scores, matching }: ItemScores): Float32Array {
  const sums = new Float32Array(matching.length);
  // Of many thousand items: a loop over numbers is several times as fast as iterators.
  for (let i = 0; i < matching.length; i++) {
    const ordinal = matching[i] ?? 0;
    let sum = scores[ordinal] ?? 0;
    for (let n = 0; n < neighbourShares.length; n++) {
      const neighbour = neighbourShares[n];
      if (neighbour !== undefined) sum += neighbour.share * (scores[ordinal + neighbour.distance] ?? 0);
    }
    sums[i] = sum;
  }
  return sums;
}
