// Copying: symbols to be said again in their order, in one block or scattered among blanks. Knows nothing of models.
import { ConfigError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import { distinctIntegers } from './draws.js';
import type { RecallExample, RecallTask } from './recall-task.js';
import { ask, emptyExample } from './recall-task.js';

export interface CopyOptions {
  /** Number of token ids: 0 is a blank, 1 asks for the next symbol, the others are symbols. */
  readonly vocabularySize: number;
  /** Tokens of an example. */
  readonly length: number;
  /** Symbols to be copied. */
  readonly symbols: number;
}

const asks = 1;
const firstSymbol = 2;

/**
 * The copying memory problem: a block of symbols, blanks, then as many questions as symbols, each to be answered by the next
 * symbol. The number of blanks is drawn for each example, so that there is accuracy for each distance.
 * Source: Arjovsky et al. 2016, section 4.1, where the number of blanks is fixed.
 *
 * @throws {ConfigError} when an example of these sizes cannot be written
 */
export function copy(options: CopyOptions): RecallTask {
  const { length, symbols } = requireRoom('Copy', options);
  return copying(options, (random) => ({
    places: Array.from({ length: symbols }, (_, i) => i),
    questions: symbols + random.integer(length - 2 * symbols + 1),
  }));
}

/**
 * Selective copying: symbols stand anywhere among blanks, then each is asked for in order.
 * Source: Gu and Dao 2023 (Mamba), section 3.1 and figure 2.
 *
 * @throws {ConfigError} when an example of these sizes cannot be written
 */
export function selectiveCopy(options: CopyOptions): RecallTask {
  const { length, symbols } = requireRoom('Selective copy', options);
  return copying(options, (random) => ({
    places: distinctIntegers(random, symbols, 0, length - symbols).sort((a, b) => a - b),
    questions: length - symbols,
  }));
}

/** Where the symbols stand, and where the questions begin. */
interface Layout {
  readonly places: readonly number[];
  readonly questions: number;
}

function copying(options: CopyOptions, layoutOf: (random: Random) => Layout): RecallTask {
  const { vocabularySize, length } = options;
  function example(random: Random): RecallExample {
    const written = emptyExample(length);
    const { places, questions } = layoutOf(random);
    places.forEach((place, i) => {
      const symbol = firstSymbol + random.integer(vocabularySize - firstSymbol);
      written.inputs[place] = symbol;
      written.inputs[questions + i] = asks;
      ask(written, questions + i, symbol, place);
    });
    return written;
  }
  return { vocabularySize, length, example };
}

function requireRoom(name: string, options: CopyOptions): CopyOptions {
  const { vocabularySize, length, symbols } = options;
  if (symbols < 1) throw new ConfigError(`${name}: ${symbols} symbols were asked for; choose at least 1.`);
  if (length < 2 * symbols)
    throw new ConfigError(
      `${name}: length ${length} is too short for ${symbols} symbols and their copy; use at least ${2 * symbols}.`,
    );
  if (vocabularySize < firstSymbol + 2)
    throw new ConfigError(
      `${name}: a vocabulary of ${vocabularySize} has fewer than two symbols beside blank and question; use at least ${firstSymbol + 2}.`,
    );
  return options;
}
