// Where the answer of a row stands in its context. Knows nothing of tokens.
import type { Row } from '../../data/index.js';
import type { Span } from '../../text/index.js';
import { DataError } from '../../core/errors.js';

/** The answers of a row: any of them is right. None when the field is empty: the context does not say. */
export function answersOf({ values }: Row): readonly string[] {
  return (values['answer'] ?? '').split('\n').map((answer) => answer.trim()).filter((answer) => answer !== ''); // prettier-ignore
}

/**
 * The stretch of the context that answers: where the row says, or the first place where an answer stands.
 * @returns `undefined` when the row says that there is no answer
 * @throws {DataError} when the context does not hold the answer, or holds something else where the row says
 */
export function findAnswer(row: Row): Span | undefined {
  const answers = answersOf(row);
  const context = row.values['context'] ?? '';
  const said = (row.values['start'] ?? '').split('\n')[0] ?? '';
  const [first] = answers;
  if (first === undefined) return undefined;
  if (said !== '') return spanAt(context, first, Number(said), row.line);
  for (const answer of answers) {
    const start = context.indexOf(answer);
    if (start !== -1) return { start, end: start + answer.length };
  }
  throw new DataError(
    `Line ${row.line}: the answer ${JSON.stringify(first)} does not stand in its context. An answer is a stretch of the context, letter by letter; leave it empty where there is none.`,
    { fields: { line: row.line, answer: first } },
  );
}

/** Positions count UTF-16 units, or characters as Python counts them, whichever fits. */
function spanAt(context: string, answer: string, position: number, line: number): Span {
  const characters = Array.from(context);
  const starts = [position, characters.slice(0, position).join('').length];
  const start = starts.find((at) => context.startsWith(answer, at));
  if (start !== undefined && Number.isInteger(position) && position >= 0)
    return { start, end: start + answer.length };
  const found = context.slice(position, position + answer.length);
  throw new DataError(
    `Line ${line}: the answer ${JSON.stringify(answer)} is said to stand at ${position}, and there the context has ${JSON.stringify(found)}. Correct the position, or leave its column out so that the answer is searched for.`,
    { fields: { line, answer, position } },
  );
}
