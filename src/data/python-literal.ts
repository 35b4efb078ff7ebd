// Reads what Python prints of a dictionary, which data sets are sometimes saved as in place of JSON. Knows nothing of files.
import { DataError } from '../core/errors.js';

/** One token: a string (with either quote), a number, a word, or a sign. Source: The Python Language Reference, section 2.4. */
const tokenPattern =
  /\s*(?:(?<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<number>-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?<word>True|False|None)|(?<sign>[{}[\](),:]))/giuy;

const words: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
};

/**
 * The value of a Python literal of dictionaries, lists, tuples, strings, numbers, `True`, `False` and `None`.
 * @throws {DataError} where it is none
 */
export function parsePythonLiteral(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(): unknown {
    const { string, number, word, sign } = this.next();
    if (string !== undefined) return unescaped(string);
    if (number !== undefined) return Number(number);
    if (word !== undefined) return words[word] ?? null;
    if (sign === '{') return this.dictionary();
    if (sign === '[') return this.list(']');
    if (sign === '(') return this.list(')');
    throw this.unexpected();
  }

  end(): void {
    if (this.text.slice(this.at).trim() !== '') throw this.unexpected();
  }

  private dictionary(): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    while (!this.skips('}')) {
      const key = this.value();
      if (typeof key !== 'string' || !this.skips(':')) throw this.unexpected();
      entries.push([key, this.value()]);
      if (!this.skips(',') && !this.sees('}')) throw this.unexpected();
    }
    return Object.fromEntries(entries);
  }

  private list(close: string): unknown[] {
    const values: unknown[] = [];
    while (!this.skips(close)) {
      values.push(this.value());
      if (!this.skips(',') && !this.sees(close)) throw this.unexpected();
    }
    return values;
  }

  private sees(sign: string): boolean {
    return this.text.slice(this.at).trimStart().startsWith(sign);
  }

  private skips(sign: string): boolean {
    if (!this.sees(sign)) return false;
    this.next();
    return true;
  }

  private next(): Readonly<Record<string, string | undefined>> {
    tokenPattern.lastIndex = this.at;
    const groups = tokenPattern.exec(this.text)?.groups;
    if (groups === undefined) throw this.unexpected();
    this.at = tokenPattern.lastIndex;
    return groups;
  }

  private unexpected(): DataError {
    return new DataError(`There is no Python literal at position ${this.at}.`, {
      fields: { position: this.at },
    });
  }
}

function unescaped(literal: string): string {
  return literal
    .slice(1, -1)
    .replace(
      /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]))/gu,
      (_, x: string, u: string, U: string, character: string) => {
        const code = x ?? u ?? U;
        return code === undefined
          ? (escapes[character] ?? character)
          : String.fromCodePoint(parseInt(code, 16));
      },
    );
}
