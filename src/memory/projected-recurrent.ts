// A recurrent memory whose hidden state is larger or smaller than what it reads and returns. Knows no cell.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from '../nn/initializers.js';
import type { LinearParameters } from '../nn/linear.js';
import type { AnyMemory, SharedMemoryOptions } from './memory-kind.js';
import type { Memory, Reading, ReadOptions } from './memory.js';
import type { Recurrent, RecurrentParameters, RecurrentState } from './recurrent.js';
import { withScope } from '../engine/graph.js';
import { Linear } from '../nn/linear.js';
import { recurrentFields } from './recurrent.js';

export interface ProjectedRecurrentParameters<T> {
  readonly recurrent: RecurrentParameters<T>;
  /** From the hidden state to the width. */
  readonly output: LinearParameters<T>;
}

export interface ProjectionOptions {
  readonly bias?: boolean | undefined;
  readonly outputInitializer?: Initializer | undefined;
}

/** y = h W + b after each token, with h the hidden state of the top layer. It is as wide as what the recurrent layers read. */
export class ProjectedRecurrent implements Memory<
  ProjectedRecurrentParameters<TensorData>,
  RecurrentState<TensorData>
> {
  readonly kind: string;
  readonly width: number;
  private readonly recurrent: Recurrent;
  private readonly output: Linear;

  constructor(recurrent: Recurrent, { bias, outputInitializer }: ProjectionOptions = {}) {
    this.kind = recurrent.kind;
    this.width = recurrent.inputSize;
    this.recurrent = recurrent;
    const sizes = { inputSize: recurrent.width, outputSize: this.width };
    this.output = new Linear({
      ...sizes,
      bias,
      ...(outputInitializer && { weightInitializer: outputInitializer }),
    });
  }

  init(random: Random): ProjectedRecurrentParameters<TensorData> {
    const { recurrent, output } = this;
    return { recurrent: recurrent.init(random), output: output.init(random.split('output')) };
  }

  initialState(batch: number): RecurrentState<TensorData> {
    return this.recurrent.initialState(batch);
  }

  stateBytes(): number {
    return this.recurrent.stateBytes();
  }

  read(
    parameters: ProjectedRecurrentParameters<Tensor>,
    x: Tensor,
    state?: RecurrentState<Tensor>,
    options: ReadOptions = {},
  ): Reading<RecurrentState<TensorData>> {
    return this.projected(parameters, this.recurrent.read(parameters.recurrent, x, state, options));
  }

  step(
    parameters: ProjectedRecurrentParameters<Tensor>,
    x: Tensor,
    state: RecurrentState<Tensor>,
  ): Reading<RecurrentState<TensorData>> {
    return this.projected(parameters, this.recurrent.step(parameters.recurrent, x, state));
  }

  private projected(
    { output: own }: ProjectedRecurrentParameters<Tensor>,
    { output, state }: Reading<RecurrentState<TensorData>>,
  ): Reading<RecurrentState<TensorData>> {
    return { output: withScope('output', () => this.output.apply(own, output)), state };
  }
}

/** What a configuration can say of every recurrent memory. */
export const recurrentMemoryFields = {
  ...recurrentFields,
  /** Size of the hidden state, which sets the bytes of the state. Default: the width of the model. */
  hiddenSize: z.int().positive().optional(),
} as const;

/** What a memory's own options say that is not the layer's own matter. */
interface OwnOptions {
  readonly hiddenSize?: number | undefined;
  readonly bias?: boolean | undefined;
}

/**
 * A recurrent memory from its configuration: the model decides the width, and whether there are biases where the memory
 * does not say.
 * @param make the recurrent layers of given sizes
 */
export function recurrentMemory<Own extends OwnOptions>(
  { width, outputInitializer, ...shared }: SharedMemoryOptions,
  { hiddenSize = width, ...own }: Own,
  make: (options: Omit<Own, 'hiddenSize'> & RecurrentSizes) => Recurrent,
): AnyMemory {
  const bias = own.bias ?? shared.bias;
  const recurrent = make({ ...own, bias, width: hiddenSize, inputSize: width });
  if (hiddenSize === width) return recurrent as unknown as AnyMemory;
  return new ProjectedRecurrent(recurrent, { bias, outputInitializer }) as unknown as AnyMemory;
}

interface RecurrentSizes {
  readonly width: number;
  readonly inputSize: number;
  readonly bias: boolean | undefined;
}
