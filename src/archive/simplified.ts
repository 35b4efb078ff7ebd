// Traditional Chinese characters as simplified ones, one for one, and back. Knows nothing of words.
// Source: the tables of characters of OpenCC, as opencc-js has them.
import toTraditional from 'opencc-js/dict/STCharacters';
import toSimplified from 'opencc-js/dict/TSCharacters';

/** Only characters of one UTF-16 unit for one: places in the one text are places in the other. */
function charactersOf(table: string): ReadonlyMap<string, string> {
  const pairs = table.split('|').map((pair) => pair.split(' ') as [string, string]);
  return new Map(pairs.filter(([from, to]) => from.length === 1 && to.length === 1));
}

/** Made when the first Chinese text comes: most programs start without one. */
let tables: Readonly<Record<'simplified' | 'traditional', ReadonlyMap<string, string>>> | undefined;
const characters = (): NonNullable<typeof tables> =>
  (tables ??= { simplified: charactersOf(toSimplified), traditional: charactersOf(toTraditional) });
const han = /[\u3400-\u9fff]/g;

/** Of the same length: `我喜歡臺灣` becomes `我喜欢台湾`. */
export const simplified = (text: string): string =>
  text.replace(han, (character) => characters().simplified.get(character) ?? character);

/** Words in the script of a text: characters as they stand there, and others as traditional script usually has them. */
export function inScriptOf(written: string): (words: string) => string {
  const text = simplified(written);
  if (text === written) return (words) => words;
  const own = new Map(Array.from({ length: text.length }, (_, i) => [text[i], written[i]] as const));
  return (words) =>
    words.replace(
      han,
      (character) => own.get(character) ?? characters().traditional.get(character) ?? character,
    );
}
