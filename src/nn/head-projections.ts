// The linear layers around attention: queries, keys and values by head, and the output. Knows nothing of attention itself.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from './initializers.js';
import type { LinearParameters } from './linear.js';
import { ConfigError } from '../core/errors.js';
import { withScope } from '../engine/graph.js';
import { joinHeads, splitHeads } from './heads.js';
import { Linear } from './linear.js';
import { requireSizes } from './sizes.js';

export interface HeadProjectionsOptions {
  /** Who asks, for errors. */
  readonly name: string;
  readonly width: number;
  readonly heads: number;
  /** Heads of keys and values, shared by groups of query heads. Default: `heads`. */
  readonly keyValueHeads?: number | undefined;
  /** Default: true. */
  readonly bias?: boolean | undefined;
  readonly weightInitializer?: Initializer | undefined;
  /** Default: `weightInitializer`. */
  readonly outputInitializer?: Initializer | undefined;
}

export interface InputProjectionParameters<T> {
  readonly query: LinearParameters<T>;
  readonly key: LinearParameters<T>;
  readonly value: LinearParameters<T>;
}

export interface HeadProjectionParameters<T> extends InputProjectionParameters<T> {
  readonly output: LinearParameters<T>;
}

/** What attention works on: [batch, heads, time, headSize] each. */
export interface ByHead {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
}

/** Refuses sizes that do not divide. @throws {ConfigError} */
export function requireDivisible(name: string, what: string, size: number, by: string, count: number): void {
  if (Number.isInteger(size / count)) return;
  throw new ConfigError(
    `${name}: ${what} ${size} is not a multiple of ${by} ${count}; choose sizes that divide.`,
  );
}

export class HeadProjections {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  private readonly layers: Readonly<Record<keyof HeadProjectionParameters<unknown>, Linear>>;

  /** @throws {ConfigError} when a size is not a whole number above 0, or heads do not divide */
  constructor({ name, width, heads, keyValueHeads = heads, ...options }: HeadProjectionsOptions) {
    requireSizes(name, { width, heads, keyValueHeads });
    requireDivisible(name, 'width', width, 'heads', heads);
    requireDivisible(name, 'heads', heads, 'key/value heads', keyValueHeads);
    const { bias, weightInitializer, outputInitializer = weightInitializer } = options;
    const linear = (outputSize: number, initializer: Initializer | undefined): Linear =>
      new Linear({ inputSize: width, outputSize, bias, weightInitializer: initializer });
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    this.headSize = width / heads;
    const keyValue = linear(keyValueHeads * this.headSize, weightInitializer);
    const [query, output] = [linear(width, weightInitializer), linear(width, outputInitializer)];
    this.layers = { query, key: keyValue, value: keyValue, output };
  }

  init(random: Random): HeadProjectionParameters<TensorData> {
    const { query, key, value, output } = this.layers;
    return {
      query: query.init(random.split('query')),
      key: key.init(random.split('key')),
      value: value.init(random.split('value')),
      output: output.init(random.split('output')),
    };
  }

  /**
   * @param x [batch, time, width]
   * @returns [batch, heads, time, headSize]; keys and values have `keyValueHeads` heads
   */
  all(parameters: InputProjectionParameters<Tensor>, x: Tensor): ByHead {
    const part = (name: keyof ByHead): Tensor => this.part(parameters, name, x);
    return { query: part('query'), key: part('key'), value: part('value') };
  }

  /** One of the three. */
  part(parameters: InputProjectionParameters<Tensor>, name: keyof ByHead, x: Tensor): Tensor {
    const projected = withScope(name, () => this.layers[name].apply(parameters[name], x));
    return splitHeads(projected, name === 'query' ? this.heads : this.keyValueHeads);
  }

  /**
   * @param attended [batch, heads, time, headSize]
   * @returns [batch, time, width]
   */
  output({ output }: Pick<HeadProjectionParameters<Tensor>, 'output'>, attended: Tensor): Tensor {
    return withScope('output', () => this.layers.output.apply(output, joinHeads(attended)));
  }
}
