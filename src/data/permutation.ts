// A seeded shuffle of 0..size-1 that needs no memory: each element is computed by itself. Knows nothing of what is shuffled.
import type { Random } from '../core/random.js';
import { mix32 } from '../core/random.js';

const rounds = 6;

/**
 * A bijection of [0, size) chosen by `random`: a Feistel network over the smallest even number of bits that holds
 * `size`, walked along its cycle until the value is below `size` (fewer than 4 steps on average).
 * Source: J. Black, P. Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002, section 3 (cycle walking).
 *
 * @param size at most 2^52
 */
export function permutation(size: number, random: Random): (index: number) => number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(size) / 2));
  const half = 2 ** halfBits;
  const keys = Array.from({ length: rounds }, () => Math.floor(random.uniform() * 2 ** 32));
  const encrypt = (value: number): number => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (const key of keys) [left, right] = [right, (left ^ mix32(right ^ key)) & (half - 1)];
    return left * half + right;
  };
  return (index) => {
    let value = encrypt(index);
    while (value >= size) value = encrypt(value);
    return value;
  };
}
