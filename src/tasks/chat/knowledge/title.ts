// How a section of a file is called in the archive: the file, and the heading or page. Knows nothing of documents.

const separator = ' › ';
/** What the archive takes as a name. */
const longestTitle = 200;
const longestFile = 120;

const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .replaceAll(separator, ' > ')
    .trim();

/** Cut in the middle, so that folder and ending can be seen. */
function middleCut(text: string, length: number): string {
  if (text.length <= length) return text;
  const characters = [...text];
  for (let half = Math.floor(length / 2); ; half--) {
    const cut = `${characters.slice(0, half).join('')}…${characters.slice(characters.length - half).join('')}`;
    if (cut.length <= length) return cut;
  }
}

/** `faq.md › Returns`; as long as the archive allows. */
export function titleOf(file: string, place: string): string {
  const name = middleCut(plain(file), longestFile);
  const where = middleCut(plain(place), longestTitle - longestFile - separator.length);
  return where === '' ? name : `${name}${separator}${where}`;
}

/** The file and the place that a title names. */
export function splitTitle(title: string): { readonly file: string; readonly place: string } {
  const at = title.indexOf(separator);
  return at < 0
    ? { file: title, place: '' }
    : { file: title.slice(0, at), place: title.slice(at + separator.length) };
}
