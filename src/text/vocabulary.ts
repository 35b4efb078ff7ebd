// The two-way table between tokens and ids. Knows nothing of how tokens are found in text.
import { TokenizerError } from '../core/errors.js';

/** More than any tokenizer has; a larger id is a mistake in a file, not a reason to reserve memory. */
const MOST_IDS = 2 ** 24;

/** Tokens by id and ids by token. Ids may have gaps. */
export class Vocabulary {
  /** One more than the largest id. */
  readonly size: number;
  private readonly ids: ReadonlyMap<string, number>;
  private readonly tokens: (string | undefined)[];

  /** @throws {TokenizerError} when two tokens share an id, or an id is impossibly large */
  constructor(ids: ReadonlyMap<string, number>) {
    this.ids = ids;
    this.size = [...ids.values()].reduce((size, id) => Math.max(size, id + 1), 0);
    if (this.size > MOST_IDS) {
      throw new TokenizerError(`The largest token id is ${this.size - 1}. It must be below ${MOST_IDS}.`);
    }
    this.tokens = Array.from({ length: this.size });
    for (const [token, id] of ids) {
      const other = this.tokens[id];
      if (other !== undefined) {
        const both = `${JSON.stringify(other)} and ${JSON.stringify(token)}`;
        throw new TokenizerError(`The tokens ${both} share the id ${id}. Each token needs its own.`);
      }
      this.tokens[id] = token;
    }
  }

  idOf(token: string): number | undefined {
    return this.ids.get(token);
  }

  tokenOf(id: number): string | undefined {
    return this.tokens[id];
  }

  /** Tokens and ids, in no particular order. */
  entries(): IterableIterator<[string, number]> {
    return this.ids.entries();
  }
}

/** The error for an id that no token has. */
export function unknownId(id: number, vocabularySize: number): TokenizerError {
  const problem = `There is no token with the id ${id}: this tokenizer has ${vocabularySize} ids, from 0 to ${vocabularySize - 1}. Were the ids made by another tokenizer?`;
  return new TokenizerError(problem, { fields: { id, vocabularySize } });
}
