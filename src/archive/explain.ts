// Says in words why something was recalled. Knows nothing of how it was found.
import type { Recollection } from './recall/recall.js';
import { rankConstant } from './recall/fuse.js';
import { rankingWeights } from './recall/rank.js';

const fixed = (value: number): string => value.toFixed(4);
const percent = (factor: number): string =>
  `${factor >= 1 ? '+' : '-'}${Math.abs((factor - 1) * 100).toFixed(1)} %`;

const names = { text: 'words', vector: 'meaning', date: 'time' } as const;

function rankLine(ranking: keyof typeof rankingWeights, rank: number, detail: string): string {
  const weight = rankingWeights[ranking];
  return `${names[ranking]}: rank ${rank}, adds ${weight} / (${rankConstant} + ${rank}) = ${fixed(weight / (rankConstant + rank))}${detail}`;
}

/**
 * The parts of a score, one a line: what each ranking gave, what was added and taken, and where the item comes from.
 *
 * @example
 * const [best] = await archive.recall('Where does my sister live?');
 * console.log(explain(best).join('\n'));
 */
export function explain({ item, score, parts, terms }: Recollection): readonly string[] {
  const { text, vector, date } = parts;
  const lines = [`${item.id} (${item.kind}, ${item.time}) scores ${fixed(score)}`];
  if (text !== undefined) {
    const words = terms.map(({ term, score: part }) => `${term} ${part.toFixed(2)}`).join(', ');
    const context = text.context > 0 ? `, turns around it ${text.context.toFixed(2)}` : '';
    const speaker = text.speaker === 1 ? '' : `, times ${text.speaker} for the speaker named`;
    lines.push(rankLine('text', text.rank, ` (BM25 ${text.score.toFixed(2)}: ${words}${context}${speaker})`));
  }
  if (vector !== undefined)
    lines.push(rankLine('vector', vector.rank, ` (cosine ${vector.similarity.toFixed(3)})`));
  if (date !== undefined)
    lines.push(rankLine('date', date.rank, ' (happened at, or speaks of, the time asked for)'));
  lines.push(`freshness: ${parts.freshness.toFixed(2)} (halves every half year, counted in the ranks)`);
  if (parts.validity !== 1)
    lines.push(`contradicted since ${item.supersededAt ?? ''}: ${percent(parts.validity)}`);
  if (parts.diversity !== 1) lines.push(`further result of its session: ${percent(parts.diversity)}`);
  if (parts.later !== 1)
    lines.push(`said later than a result that matches the same: ${percent(parts.later)}`);
  if (item.sources.length > 0) lines.push(`made from ${item.sources.join(', ')}`);
  if (item.fact !== undefined)
    lines.push(
      `holds from ${item.fact.validFrom}${item.fact.validTo === undefined ? '' : ` to ${item.fact.validTo}`}, confidence ${item.fact.confidence.toFixed(2)}`,
    );
  return lines;
}
