// Cuts a growing answer into whole sentences, so that a screen reader is given something it can say.

const sentenceEnd = /[.!?…]["')\]]*\s|[。！？；…]["”』」）]*|\n+/g;

/** Where the last whole sentence of a text ends; 0 where there is none. */
export function endOfSentences(text: string): number {
  let end = 0;
  for (const { 0: mark, index } of text.matchAll(sentenceEnd)) end = index + mark.length;
  return end;
}

/** What to say of a text of which the beginning was said, and how much is said then. */
export function nextToSay(text: string, said: number, finished: boolean): readonly [string, number] {
  const end = finished ? text.length : endOfSentences(text);
  return end <= said ? ['', said] : [text.slice(said, end).trim(), end];
}
