// Dropout. Its randomness is a key that is data: the same key drops the same elements.
import type { Tensor } from '../engine/graph.js';
import { ConfigError } from '../core/errors.js';
import { dropout } from '../engine/ops/random.js';

export interface DropoutOptions {
  /** Probability of an element to be dropped, in [0, 1). */
  readonly rate: number;
}

/**
 * Sets elements to zero at random and divides the others by 1 - rate, so that means stay as they are. Has no parameters.
 * Source: Srivastava et al. 2014, in the "inverted" form.
 */
export class Dropout {
  readonly rate: number;

  /** @throws {ConfigError} when the rate is not a probability below 1 */
  constructor({ rate }: DropoutOptions) {
    if (!(rate >= 0 && rate < 1)) {
      throw new ConfigError(`Dropout got rate ${rate}: it must be at least 0 and below 1.`, {
        fields: { rate },
      });
    }
    this.rate = rate;
  }

  /**
   * @param x any shape
   * @param key uint32[2]; use another one at each place and each step (`foldIn`). Without a key, as in evaluation, nothing is dropped
   */
  apply(x: Tensor, key?: Tensor): Tensor {
    return key === undefined || this.rate === 0 ? x : dropout(x, this.rate, key);
  }
}
