// An encoder with a head that finds a stretch of a text, such as the answer to a question. Knows nothing of text or of training.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { CrossEntropy } from '../nn/cross-entropy.js';
import type { LinearParameters } from '../nn/linear.js';
import type { EncoderConfig } from './encoder-config.js';
import type { EncoderParameters } from './encoder.js';
import { withScope } from '../engine/graph.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { and, equal, greaterOrEqual, less, or } from '../engine/ops/comparison.js';
import { range } from '../engine/ops/constant.js';
import { expandDims } from '../engine/ops/layout.js';
import { select } from '../engine/ops/slicing.js';
import { crossEntropy } from '../nn/cross-entropy.js';
import { Linear } from '../nn/linear.js';
import { lengthMask, maskBias } from '../nn/mask.js';
import { Encoder, encoderDeviation } from './encoder.js';

export interface SpanExtractorParameters<T> {
  readonly encoder: EncoderParameters<T>;
  /** width -> start and end */
  readonly output: LinearParameters<T>;
}

/** `[CLS] question [SEP] context [SEP]`, a row each. */
export interface QuestionedContexts<T> {
  /** int32 [batch, time] */
  readonly ids: T;
  /** int32 [batch]: how many of them are tokens and not padding */
  readonly lengths: T;
  /** int32 [batch]: where the context begins; all before is of segment 0, all behind of segment 1 */
  readonly contextStarts: T;
}

/** Where the answers stand: position 0 where there is none. -1 is not counted. */
export interface SpanTargets<T> {
  /** int32 [batch] */
  readonly starts: T;
  /** int32 [batch]: the last token, included */
  readonly ends: T;
}

export interface SpanLogits<T> {
  /** [batch, time]; very low where no answer can begin */
  readonly start: T;
  /** [batch, time] */
  readonly end: T;
}

/**
 * Scores each token of the context as the first and as the last of the answer; those at position 0 say that there is none.
 * Source: Devlin et al. 2019 (BERT), sections 4.2 and 4.3.
 */
export class SpanExtractor {
  readonly encoder: Encoder;
  private readonly output: Linear;

  /** @param config of the encoder @throws {ConfigError} when it has an unknown key or sizes that do not fit */
  constructor(config: unknown) {
    this.encoder = new Encoder(config);
    this.output = new Linear({
      inputSize: this.encoder.config.width,
      outputSize: 2,
      weightInitializer: { normal: encoderDeviation },
    });
  }

  get config(): EncoderConfig {
    return this.encoder.config;
  }

  init(random: Random): SpanExtractorParameters<TensorData> {
    return {
      encoder: this.encoder.init(random.split('encoder')),
      output: this.output.init(random.split('output')),
    };
  }

  /** @param key uint32[2] for dropout; without it nothing is dropped */
  read(
    parameters: SpanExtractorParameters<Tensor>,
    { ids, lengths, contextStarts }: QuestionedContexts<Tensor>,
    key?: Tensor,
  ): SpanLogits<Tensor> {
    const time = ids.shape[1] ?? 0;
    const place = range(time);
    const inContext = greaterOrEqual(place, expandDims(contextStarts, 1)); // [batch, time]
    const options = { segments: cast(inContext, 'int32'), ...(key && { key }) };
    const hidden = withScope('encoder', () =>
      this.encoder.read(parameters.encoder, ids, lengthMask(lengths, time), options),
    );
    const isInside = less(place, expandDims(sub(lengths, 1), 1)); // The token that ends the sequence is no answer.
    const candidates = or(equal(place, 0), and(inContext, isInside));
    const scores = withScope('output', () => this.output.apply(parameters.output, hidden)); // [batch, time, 2]
    const scored = (which: number): Tensor => add(select(scores, 2, which), maskBias(candidates));
    return { start: scored(0), end: scored(1) };
  }

  /** Mean cross-entropy of starts and ends, in nats. @param key uint32[2] for dropout, absent in evaluation */
  loss(
    parameters: SpanExtractorParameters<Tensor>,
    { starts, ends, ...contexts }: QuestionedContexts<Tensor> & SpanTargets<Tensor>,
    key?: Tensor,
  ): CrossEntropy<Tensor> {
    const { start, end } = this.read(parameters, contexts, key);
    const [first, last] = [crossEntropy(start, starts), crossEntropy(end, ends)];
    const half = (a: Tensor, b: Tensor): Tensor => mul(add(a, b), 0.5);
    return { loss: half(first.loss, last.loss), sum: half(first.sum, last.sum), count: first.count };
  }
}
