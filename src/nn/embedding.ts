// A table of one vector per token. Knows nothing of text.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from './initializers.js';
import type { Layer } from './layer.js';
import { gather } from '../engine/ops/indexing.js';
import { matmul } from '../engine/ops/matmul.js';
import { initialize } from './initializers.js';
import { badInput, requireWidth } from './layer.js';

export interface EmbeddingOptions {
  readonly vocabularySize: number;
  readonly width: number;
  /** Default: normal with standard deviation 0.02. */
  readonly initializer?: Initializer;
}

export interface EmbeddingParameters<T> {
  /** [vocabularySize, width] */
  readonly weight: T;
}

/** Looks up the vector of each token id. */
export class Embedding implements Layer<EmbeddingParameters<TensorData>> {
  readonly vocabularySize: number;
  readonly width: number;
  private readonly initializer: Initializer;

  constructor(options: EmbeddingOptions) {
    this.vocabularySize = options.vocabularySize;
    this.width = options.width;
    this.initializer = options.initializer ?? { normal: 0.02 };
  }

  init(random: Random): EmbeddingParameters<TensorData> {
    const shape = [this.vocabularySize, this.width];
    return { weight: initialize(this.initializer, shape, random.split('weight')) };
  }

  /**
   * @param ids int32 [...], each in [0, vocabularySize): whoever feeds them checks that, a graph cannot
   * @returns [..., width]
   */
  apply(parameters: EmbeddingParameters<Tensor>, ids: Tensor): Tensor {
    if (ids.dtype !== 'int32') throw badInput(this.name, ids, 'token ids must be int32');
    return gather(parameters.weight, ids);
  }

  /**
   * Scores every token by the product of its vector with `x`: an output head that shares the table.
   * @param x [..., width], at least 2 axes
   * @returns [..., vocabularySize]
   */
  logits(parameters: EmbeddingParameters<Tensor>, x: Tensor): Tensor {
    requireWidth(this.name, x, this.width);
    return matmul(x, parameters.weight, { transposeB: true });
  }

  private get name(): string {
    return `Embedding(${this.vocabularySize} -> ${this.width})`;
  }
}
