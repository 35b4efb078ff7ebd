// Which tokens train and which validate. Knows nothing of blocks.
import { ConfigError } from '../core/errors.js';
import type { Tokens } from './tokens.js';
import { tokenRange } from './tokens.js';

/** Tokens to learn from, and tokens never learned from. */
export interface TokenSplit {
  readonly train: Tokens;
  readonly validation: Tokens;
}

/**
 * The last `validationFraction` of the tokens validates, all before it trains: floor(count * (1 - fraction)) tokens
 * train, as in nanoGPT (`data/shakespeare_char/prepare.py`, fraction 0.1). With a validation file of its own, no split is needed.
 *
 * @throws {ConfigError} when the fraction is not in [0, 1)
 */
export function splitTokens(tokens: Tokens, validationFraction = 0.1): TokenSplit {
  if (!(validationFraction >= 0 && validationFraction < 1)) {
    throw new ConfigError(
      `The validation fraction is ${validationFraction}. Give a number from 0 to below 1.`,
    );
  }
  const border = Math.floor(tokens.count * (1 - validationFraction));
  return { train: tokenRange(tokens, 0, border), validation: tokenRange(tokens, border, tokens.count) };
}
