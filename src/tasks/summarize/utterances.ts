// The sentences of a text with who says them, where the text is a dialogue. Knows nothing of which of them matter.
import { type SpanOfText, sentenceSpans } from '../../text/index.js';

/** A sentence, its place in the text, and who says it; `undefined` where the text is no dialogue. */
export interface Utterance extends SpanOfText {
  readonly speaker: string | undefined;
}

/** A name and a colon before what is said. */
const speakerPattern = /^[^\S\n]*(?<speaker>[#\p{L}][^:：\n]{0,30})[:：][^\S\n]*/u;

/** Whether most lines of a text begin with a name and a colon, and some name does so twice. */
function isDialogue(lines: readonly string[]): boolean {
  const speakers = lines.flatMap((line) => speakerPattern.exec(line)?.groups?.['speaker'] ?? []);
  return speakers.length * 2 > lines.length && new Set(speakers).size < speakers.length;
}

/** The sentences of a text in reading order. In a dialogue (`name: what is said`, a line each) names are not part of them. */
export function utterancesOf(text: string): Utterance[] {
  const lines = [...text.matchAll(/[^\n]+/g)].filter(([line]) => line.trim() !== '');
  if (!isDialogue(lines.map(([line]) => line))) return sentences(text, 0, text.length, undefined);
  let speaker: string | undefined;
  return lines.flatMap(({ 0: line, index }) => {
    const match = speakerPattern.exec(line);
    speaker = match?.groups?.['speaker']?.trim() ?? speaker;
    return sentences(text, index + (match?.[0].length ?? 0), index + line.length, speaker);
  });
}

function sentences(text: string, from: number, to: number, speaker: string | undefined): Utterance[] {
  const part = text.slice(from, to);
  return sentenceSpans(part).map(({ start, end }) => ({
    start: from + start,
    end: from + end,
    text: part.slice(start, end),
    speaker,
  }));
}
