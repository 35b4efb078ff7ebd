// Character encodings: their names, how one is detected, and how bytes become text. Knows nothing of files or formats.
import { ConfigError, DataError } from '../core/errors.js';

/** Encodings that people meet, for messages; every label of the WHATWG Encoding Standard is known. */
const common = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-kr',
  'windows-1251',
];

/** Encodings with states, whose text cannot be decoded piece by piece. */
const stateful = new Set(['iso-2022-jp', 'replacement', 'x-user-defined']);

/**
 * The name under which an encoding is known here: `latin1` is `windows-1252`, `gbk` stays `gbk`.
 * Source: WHATWG Encoding Standard, section 4.2.
 * @throws {ConfigError} when there is no such encoding
 */
export function encodingNamed(label: string): string {
  try {
    const { encoding } = new TextDecoder(label);
    if (!stateful.has(encoding)) return encoding;
  } catch {
    // Unknown labels and those without a decoder end in the same message.
  }
  throw new ConfigError(
    `There is no text encoding "${label}" that can be read. Known, among others: ${common.join(', ')}.`,
    {
      fields: { encoding: label },
    },
  );
}

/** How many bytes of the beginning of a file tell its encoding. */
export const detectionBytes = 1 << 18;

/**
 * The encoding of bytes that a text begins with: by a byte order mark, else UTF-8 where they are UTF-8, GB18030 where they spell
 * common Chinese characters, windows-1252 (a superset of Latin-1) where the bytes above ASCII are few and spell letters. Whatever
 * else there is comes out as `utf-8`, which will say where it is not; such encodings have to be named.
 *
 * @param complete whether the text ends with these bytes; otherwise a character may be cut off
 */
export function detectEncoding(bytes: Uint8Array, complete = true): string {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  const wide = detectUtf16(bytes);
  if (wide !== undefined) return wide;
  const spells = (encoding: string): boolean => {
    const whole = lengthOfWhole(new TextDecoder(encoding, strictly), bytes);
    return complete ? whole === bytes.length : whole !== undefined;
  };
  if (spells('utf-8')) return 'utf-8';
  if (isCommonChinese(bytes) && spells('gb18030')) return 'gb18030';
  return isWesternEuropean(bytes) ? 'windows-1252' : 'utf-8';
}

type Decoder = InstanceType<typeof TextDecoder>;

const strictly = { fatal: true, ignoreBOM: true } as const;

/** UTF-16 without a byte order mark: every other byte of Latin letters, spaces and line breaks is zero. */
function detectUtf16(bytes: Uint8Array): string | undefined {
  const zeros = [0, 0];
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const many = Math.max(4, bytes.length / 8);
  if (odd > many && even === 0) return 'utf-16le';
  return even > many && odd === 0 ? 'utf-16be' : undefined;
}

/** Whether most characters above ASCII are of the first level of GB 2312 or its punctuation. Source: GB/T 2312-1980. */
function isCommonChinese(bytes: Uint8Array): boolean {
  let [common, rare] = [0, 0];
  for (let i = 0; i < bytes.length; i++) {
    const lead = bytes[i] ?? 0;
    if (lead < 0x80) continue;
    const trail = bytes[++i] ?? 0;
    if (trail >= 0xa1 && ((lead >= 0xb0 && lead <= 0xd7) || (lead >= 0xa1 && lead <= 0xa3))) common++;
    else rare++;
  }
  return common > 4 * rare;
}

/** Letters with accents, and the quotes, dashes, spaces and currency signs that texts have; bytes of windows-1252. */
const westernBytes = new Set([
  0x80, 0x82, 0x84, 0x85, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x99, 0x9a, 0x9b,
  0x9c, 0x9e, 0x9f, 0xa0, 0xa1, 0xa3, 0xa7, 0xa9, 0xab, 0xad, 0xae, 0xb0, 0xb4, 0xb7, 0xbb, 0xbd, 0xbf,
]);
const isWestern = (byte: number): boolean =>
  westernBytes.has(byte) || (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7);

function isWesternEuropean(bytes: Uint8Array): boolean {
  let [above, western] = [0, 0];
  for (const byte of bytes) {
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d) return false;
    if (byte < 0x80) continue;
    above++;
    if (isWestern(byte)) western++;
  }
  // Where bytes above ASCII are very few, odd ones among them do not matter.
  return above < bytes.length / 50 || (above < bytes.length / 2 && western >= 0.95 * above);
}

/** The most bytes of one character in any encoding, less one: so many may be cut off at an end. */
const longestTail = 3;

/** How many bytes are whole characters when up to three may be cut off at the end; `undefined` when some are no characters. */
function lengthOfWhole(decoder: Decoder, bytes: Uint8Array): number | undefined {
  for (let cut = 0; cut <= Math.min(longestTail, bytes.length); cut++) {
    try {
      decoder.decode(bytes.subarray(0, bytes.length - cut));
      return bytes.length - cut;
    } catch {
      // The last character may need a byte more or less.
    }
  }
  return undefined;
}

/** Bytes 0x80 to 0x9F, which some versions of Node decode as Latin-1. Source: WHATWG Encoding Standard, index windows-1252. */
const windows1252High = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const windows1252 = (control: string): string => windows1252High.charAt(control.charCodeAt(0) - 0x80);

/** Decodes bytes strictly and says where they are wrong. */
export class StrictDecoder {
  readonly encoding: string;
  private readonly decoder: Decoder;
  private readonly path: string;

  /** @param path what messages call the data @throws {ConfigError} when there is no such encoding */
  constructor(encoding: string, path: string) {
    this.encoding = encodingNamed(encoding);
    this.decoder = new TextDecoder(this.encoding, strictly);
    this.path = path;
  }

  /** Bytes of one line feed: two in UTF-16. */
  get unit(): 1 | 2 {
    return this.encoding.startsWith('utf-16') ? 2 : 1;
  }

  /**
   * The text of bytes that stand at `offset` of a file and end with a whole character. A byte order mark at offset 0 is dropped.
   * @throws {DataError} at the first byte that is no text, with `fields.path` and `fields.byteOffset`
   */
  decode(bytes: Uint8Array, offset: number): string {
    const nul = this.unit === 1 ? bytes.indexOf(0) : -1;
    if (nul !== -1) throw this.notText(offset + nul, 'there is a NUL byte');
    let text: string;
    try {
      text = this.decoder.decode(bytes);
    } catch {
      throw this.notText(offset + this.firstInvalid(bytes), 'the bytes spell no character');
    }
    if (this.encoding === 'windows-1252') return text.replace(/[\x80-\x9f]/g, windows1252);
    return offset === 0 && text.startsWith('\ufeff') ? text.slice(1) : text;
  }

  /** How many bytes are whole characters. @throws {DataError} when some are no characters */
  whole(bytes: Uint8Array, offset: number): number {
    const length = lengthOfWhole(this.decoder, bytes);
    if (length !== undefined) return length;
    throw this.notText(offset + this.firstInvalid(bytes), 'the bytes spell no character');
  }

  /** By halving: a beginning is good when it is text but for a character that is cut off. */
  private firstInvalid(bytes: Uint8Array): number {
    let [good, bad] = [0, bytes.length + 1];
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      if (lengthOfWhole(this.decoder, bytes.subarray(0, middle)) === undefined) bad = middle;
      else good = middle;
    }
    return lengthOfWhole(this.decoder, bytes.subarray(0, good)) ?? 0;
  }

  private notText(byteOffset: number, problem: string): DataError {
    return new DataError(
      `"${this.path}" is not ${this.encoding} text: at byte ${byteOffset} ${problem}. Give a text file, not a binary one, and name its encoding (--encoding), such as gb18030 or windows-1252.`,
      { fields: { path: this.path, byteOffset, encoding: this.encoding } },
    );
  }
}
