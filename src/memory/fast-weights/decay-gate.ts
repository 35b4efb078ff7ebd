// How much each head keeps of its memory at a token, learned from the token. Knows no memory.
import type { Random } from '../../core/random.js';
import type { Tensor } from '../../engine/graph.js';
import type { LinearParameters } from '../../nn/linear.js';
import { TensorData } from '../../core/tensor-data.js';
import { mul } from '../../engine/ops/arithmetic.js';
import { exp, neg, softplus } from '../../engine/ops/unary.js';
import { Linear } from '../../nn/linear.js';

export interface DecayGateParameters<T> {
  /** [width, heads] and [heads]; the bias holds the inverse softplus of the first time steps */
  readonly timeStep: LinearParameters<T>;
  /** [heads]: logarithm of the rate of decay */
  readonly logRate: T;
}

export interface DecayGateOptions {
  readonly width: number;
  readonly heads: number;
}

/** First rates are uniform in this range, first time steps log-uniform in the other, as in Mamba-2. */
const rates = [1, 16] as const;
const timeSteps = [1e-3, 1e-1] as const;

/**
 * log(alpha) = -exp(logRate) softplus(x W + b), never above 0.
 * Source: Dao and Gu 2024 (Mamba-2), sections 7 and 9; used as decay by Yang, Kautz and Hatamizadeh 2025.
 */
export class DecayGate {
  readonly heads: number;
  private readonly timeStep: Linear;

  constructor({ width, heads }: DecayGateOptions) {
    this.heads = heads;
    this.timeStep = new Linear({ inputSize: width, outputSize: heads, bias: false });
  }

  init(random: Random): DecayGateParameters<TensorData> {
    const [rate, step] = [random.split('logRate'), random.split('bias')];
    const perHead = (sample: () => number): TensorData =>
      new TensorData('float32', [this.heads], Float32Array.from({ length: this.heads }, sample));
    return {
      timeStep: {
        ...this.timeStep.init(random.split('timeStep')),
        bias: perHead(() => inverseSoftplus(logUniform(step.uniform(), timeSteps))),
      },
      logRate: perHead(() => Math.log(rates[0] + (rates[1] - rates[0]) * rate.uniform())),
    };
  }

  /**
   * @param x [batch, time, width]
   * @returns log(alpha) [batch, time, heads]
   */
  apply({ timeStep, logRate }: DecayGateParameters<Tensor>, x: Tensor): Tensor {
    return mul(neg(exp(logRate)), softplus(this.timeStep.apply(timeStep, x)));
  }
}

function logUniform(sample: number, [low, high]: readonly [number, number]): number {
  return low * (high / low) ** sample;
}

function inverseSoftplus(x: number): number {
  return x + Math.log(-Math.expm1(-x));
}
