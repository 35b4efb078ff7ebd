// Seeded, splittable random numbers on the host. Knows nothing of tensors; the generator inside graphs is engine/ops/random.ts.
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** Where a stream stands, as plain data that a JSON file can hold. */
export interface RandomState {
  readonly key: number;
  readonly generator: readonly number[];
}

/** 32-bit finalizer with full avalanche. Source: C. Wellons, "lowbias32" (hash-prospector), public domain. */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** A 32-bit hash of a label: FNV-1a over its UTF-16 units, then `mix32`. */
function hashLabel(label: string | number): number {
  const text = String(label);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix32(hash);
}

/**
 * A stream of random numbers. Splitting derives an independent stream from the seed and a label and does not depend
 * on how many numbers were drawn, so that adding a draw in one place changes nothing elsewhere.
 *
 * @example
 * const random = Random.fromSeed(1);
 * const weights = random.split('weights').normal();
 */
export class Random {
  private readonly key: number;
  private readonly generator: JumpableRandomGenerator;

  private constructor(key: number, generator: JumpableRandomGenerator) {
    this.key = key;
    this.generator = generator;
  }

  /** The stream of a seed: any integer; its low 32 bits count. */
  static fromSeed(seed: number): Random {
    const key = mix32(seed);
    return new Random(key, xoroshiro128plus(key | 0));
  }

  /** The stream that stood at `state`. */
  static fromState(state: RandomState): Random {
    return new Random(state.key, xoroshiro128plusFromState(state.generator));
  }

  /** An independent stream named by `label`. The same label gives the same stream, whatever was drawn in between. */
  split(label: string | number): Random {
    return Random.fromSeed(mix32(this.key ^ Math.imul(hashLabel(label), 0x9e3779b1)));
  }

  /** Two 32-bit words for the generator inside a graph (a `uint32[2]` input). Draws nothing. */
  graphKey(): Uint32Array {
    return Uint32Array.of(this.key, mix32(this.key + 0x9e3779b9));
  }

  /** A number in [0, 1) with 32 random bits. */
  uniform(): number {
    return (this.generator.next() >>> 0) / 2 ** 32;
  }

  /** An integer in [0, bound), without bias. */
  integer(bound: number): number {
    return uniformInt(this.generator, 0, bound - 1);
  }

  /** A standard normal number, by the Box-Muller transform. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<A extends { [index: number]: unknown; readonly length: number }>(items: A): A {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }

  state(): RandomState {
    return { key: this.key, generator: [...this.generator.getState()] };
  }
}
