// BM25 as in the textbook (k1 1.2, b 0.75) over all turns of one conversation: the baseline the archive is measured against.
// Written apart from the archive's own ranking on purpose; shares only its words, so that ranking alone is compared.
import type { Analyzer } from '../analysis/analyzer.js';

/** Ids of texts by falling score for a question. */
export function textbookBm25(
  analyzer: Analyzer,
  texts: readonly { readonly id: string; readonly text: string }[],
): (question: string) => readonly string[] {
  const documents = texts.map(({ id, text }) => ({ id, ...analyzer.analyze(text) }));
  const meanLength = documents.reduce((sum, { length }) => sum + length, 0) / documents.length;
  return (question) => {
    const terms = [...analyzer.analyze(question).terms.keys()];
    const weights = terms.map((term) => {
      const containing = documents.filter((document) => document.terms.has(term)).length;
      return Math.log(1 + (documents.length - containing + 0.5) / (containing + 0.5));
    });
    const scored = documents.map(({ id, terms: counts, length }, position) => {
      let score = 0;
      for (const [t, term] of terms.entries()) {
        const count = counts.get(term) ?? 0;
        score += ((weights[t] ?? 0) * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * length) / meanLength));
      }
      return { id, score, position };
    });
    return scored.sort((a, b) => b.score - a.score || a.position - b.position).map(({ id }) => id);
  };
}
