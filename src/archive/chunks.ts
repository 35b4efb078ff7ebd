// Cuts a document into pieces of bounded size at paragraphs, then sentences, then words. Knows nothing of the store.

/** About 200 English words: small enough to be about one thing, large enough to be understood alone. */
export const maxChunkLength = 1200;

/** From the coarsest place to cut to the finest; the last cuts anything. */
const cuts: readonly RegExp[] = [
  /(?<=\n[^\S\n]*\n)(?=\S)/u,
  /(?<=\n)/u,
  /(?<=[.!?…]["'”’)]?\s)|(?<=[。！？；])/u,
  /(?<=[\s，、,])/u,
];

function split(text: string, level: number): readonly string[] {
  if (text.length <= maxChunkLength) return [text];
  const cut = cuts[level];
  if (cut === undefined) return slices(text);
  return join(text.split(cut).flatMap((piece) => split(piece, level + 1)));
}

/** Equal lengths, but never between the halves of a surrogate pair. */
function slices(text: string): readonly string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length;) {
    const end = start + maxChunkLength;
    const inPair = /[\uD800-\uDBFF]/.test(text[end - 1] ?? '');
    pieces.push(text.slice(start, inPair ? end - 1 : end));
    start = inPair ? end - 1 : end;
  }
  return pieces;
}

/** Puts neighbouring pieces together as long as they fit. */
function join(pieces: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last !== undefined && last.length + piece.length <= maxChunkLength)
      joined[joined.length - 1] = last + piece;
    else joined.push(piece);
  }
  return joined;
}

/** Pieces of at most `maxChunkLength` characters, in order, without the white space around them. */
export function chunksOf(text: string): readonly string[] {
  return split(text, 0)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
}
