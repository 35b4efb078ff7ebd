// Says why something was recalled: which parts its score has. Knows nothing of how it was found, nor of words (explain-words.ts).
import type { ExplanationLanguage, ExplanationWords } from './explain-words.js';
import type { Recollection } from './recall/recall.js';
import type { FullItem } from './recall/results.js';
import { given } from '../core/given.js';
import { explanationWords } from './explain-words.js';
import { rankConstant } from './recall/fuse.js';
import { rankingWeights } from './recall/rank.js';

/** What an explanation is made of. */
export interface Explained extends Pick<Recollection, 'score' | 'parts' | 'terms'> {
  readonly item: Pick<FullItem, 'id' | 'kind' | 'time' | 'supersededAt' | 'sources' | 'fact'>;
}

/** Of a result, what its explanation is made of. */
export function explainedOf({ item, score, parts, terms }: Explained): Explained {
  const { id, kind, time, supersededAt, sources, fact } = item;
  return { item: { id, kind, time, sources, ...given({ supersededAt, fact }) }, score, parts, terms };
}

const fixed = (value: number): string => value.toFixed(4);
const percent = (factor: number): string =>
  `${factor >= 1 ? '+' : '-'}${Math.abs((factor - 1) * 100).toFixed(1)} %`;

function rankLine(
  words: ExplanationWords,
  ranking: keyof typeof rankingWeights,
  rank: number,
  detail: string,
): string {
  const weight = rankingWeights[ranking];
  const sum = `${weight} / (${rankConstant} + ${rank}) = ${fixed(weight / (rankConstant + rank))}`;
  return words.rank(words.rankings[ranking], rank, sum, detail);
}

/** The ranks that made the score, one a line. */
function rankLines(words: ExplanationWords, { parts, terms }: Explained): readonly string[] {
  const { text, vector, date } = parts;
  const lines: string[] = [];
  if (text !== undefined) {
    const matched = terms.map(({ term, score }) => `${term} ${score.toFixed(2)}`);
    const around = text.context > 0 ? [words.around(text.context.toFixed(2))] : [];
    const speaker = text.speaker === 1 ? [] : [words.speaker(text.speaker)];
    const detail = words.matched(text.score.toFixed(2), matched, [...around, ...speaker]);
    lines.push(rankLine(words, 'text', text.rank, detail));
  }
  if (vector !== undefined)
    lines.push(rankLine(words, 'vector', vector.rank, words.similarity(vector.similarity.toFixed(3))));
  if (date !== undefined) lines.push(rankLine(words, 'date', date.rank, words.dated));
  return lines;
}

/**
 * The parts of a score, one a line: what each ranking gave, what was added and taken, and where the item comes from.
 *
 * @example
 * const [best] = await archive.recall('Where does my sister live?');
 * console.log(explain(best).join('\n'));
 */
export function explain(found: Explained, language: ExplanationLanguage = 'en'): readonly string[] {
  const words = explanationWords[language];
  const { item, score, parts } = found;
  const { validity, diversity, later } = parts;
  const { fact } = item;
  return [
    words.scores(item.id, words.kinds[item.kind], item.time, fixed(score)),
    ...rankLines(words, found),
    words.freshness(parts.freshness.toFixed(2)),
    ...(validity === 1 ? [] : [words.contradicted(item.supersededAt ?? '', percent(validity))]),
    ...(diversity === 1 ? [] : [words.sameSession(percent(diversity))]),
    ...(later === 1 ? [] : [words.later(percent(later))]),
    ...(item.sources.length === 0 ? [] : [words.madeFrom(item.sources)]),
    ...(fact === undefined ? [] : [words.holds(fact.validFrom, fact.validTo, fact.confidence.toFixed(2))]),
  ];
}
