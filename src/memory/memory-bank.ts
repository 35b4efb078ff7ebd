// A bank of slots that is written and read by content, through gates: the plainest memory with places. Knows nothing of stories.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { Tensor } from '../engine/graph.js';
import type { LinearParameters } from '../nn/linear.js';
import type { Memory, Reading } from './memory.js';
import { ConfigError } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { mapTree } from '../core/tree.js';
import { observe } from '../engine/observe.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { broadcastTo, expandDims, reshape, transpose } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { scan } from '../engine/ops/scan.js';
import { softmax } from '../engine/ops/softmax.js';
import { sigmoid, tanh } from '../engine/ops/unary.js';
import { initialize } from '../nn/initializers.js';
import { requireAxes, requireWidth } from '../nn/layer.js';
import { Linear } from '../nn/linear.js';
import { defineMemory } from './memory-kind.js';

export interface MemoryBankOptions {
  /** Size of inputs, outputs and slots. */
  readonly width: number;
  /** Vectors in the bank. Default: 16. */
  readonly slots?: number;
  /** Whether products with the input have biases. Default: true. */
  readonly bias?: boolean | undefined;
}

/** What an input is turned into, by what it is for. */
const projections = ['address', 'content', 'writeGate', 'query', 'readGate'] as const;
type Projected = Readonly<Record<(typeof projections)[number], Tensor>>;

export type MemoryBankParameters<T> = Readonly<Record<(typeof projections)[number], LinearParameters<T>>> & {
  /** What the slots hold before anything is written: [slots, width] */
  readonly initial: T;
};

export interface MemoryBankState<T> {
  /** What was written, as the difference to the initial slots: [batch, slots, width] */
  readonly written: T;
}

/** What a query finds. */
export interface MemoryBankAnswer {
  /** [batch, width] */
  readonly output: Tensor;
  /** How much of each slot was read: [batch, slots]. */
  readonly attention: Tensor;
}

/**
 * With M_j the slots and all products linear in the input x, with biases:
 * - initialise: M_j is learned, the same for all sequences.
 * - update: a = softmax_j(address(x) M_j / sqrt(width)), g = sigmoid(writeGate(x)),
 *   M_j' = M_j + a_j g (tanh(content(x)) - M_j).
 * - query: b = softmax_j(query(x) M_j / sqrt(width)), output = sigmoid(readGate(x)) sum_j b_j M_j.
 *
 * Reading a token updates the bank and then queries it. Sources: Graves et al. 2014, sections 3.1 to 3.3, for addressing by
 * content and writing that erases by as much as it adds; Henaff et al. 2017, section 2, for slots with learned first values.
 *
 * @example
 * const memory = new MemoryBank({ width: 64, slots: 8 });
 * const bank = memory.initialise(parameters, batch);
 * const { output } = memory.query(parameters, memory.update(parameters, bank, fact), question);
 */
export class MemoryBank implements Memory<MemoryBankParameters<TensorData>, MemoryBankState<TensorData>> {
  readonly kind = 'memory-bank';
  readonly width: number;
  readonly slots: number;
  private readonly linear: Linear;

  /** @throws {ConfigError} when a size is not a whole number above 0 */
  constructor({ width, slots = 16, bias }: MemoryBankOptions) {
    for (const [name, size] of Object.entries({ width, slots })) {
      if (Number.isInteger(size) && size > 0) continue;
      throw new ConfigError(`MemoryBank: ${name} is ${size}; it must be a whole number above 0.`);
    }
    this.width = width;
    this.slots = slots;
    this.linear = new Linear({ inputSize: width, outputSize: width, bias });
  }

  init(random: Random): MemoryBankParameters<TensorData> {
    const entries = projections.map((name) => [name, this.linear.init(random.split(name))] as const);
    const initial = initialize(
      { normal: this.width ** -0.5 },
      [this.slots, this.width],
      random.split('initial'),
    );
    return { initial, ...(Object.fromEntries(entries) as Omit<MemoryBankParameters<TensorData>, 'initial'>) };
  }

  initialState(batch: number): MemoryBankState<TensorData> {
    const shape = [batch, this.slots, this.width];
    return { written: new TensorData('float32', shape, new Float32Array(batch * this.slots * this.width)) };
  }

  stateBytes(): number {
    return 4 * this.slots * this.width;
  }

  /** The bank before anything is written: [batch, slots, width]. */
  initialise({ initial }: MemoryBankParameters<Tensor>, batch: number): Tensor {
    return broadcastTo(expandDims(initial, 0), [batch, this.slots, this.width]);
  }

  /**
   * Writes through the gate into the slots that the input addresses.
   * @param bank [batch, slots, width] @param x [batch, width] @returns the bank after writing
   */
  update(parameters: MemoryBankParameters<Tensor>, bank: Tensor, x: Tensor): Tensor {
    return this.write(bank, this.project(parameters, x));
  }

  /**
   * Reads through the gate from the slots that the input asks for.
   * @param bank [batch, slots, width] @param x [batch, width]
   */
  query(parameters: MemoryBankParameters<Tensor>, bank: Tensor, x: Tensor): MemoryBankAnswer {
    return this.find(bank, this.project(parameters, x));
  }

  /** What depends on the input alone is one product over all time steps, before the loop. */
  read(
    parameters: MemoryBankParameters<Tensor>,
    x: Tensor,
    state?: MemoryBankState<Tensor>,
  ): Reading<MemoryBankState<TensorData>> {
    requireAxes(this.name, x, ['batch', 'time', 'width']);
    requireWidth(this.name, x, this.width);
    const [batch = 0, time = 0] = x.shape;
    const first = this.initialise(parameters, batch);
    const bank = state === undefined ? first : add(first, state.written);
    if (time === 0) return { output: x, state: { written: sub(bank, first) } };
    const { carry, ys } = scan(
      (before: Tensor, projected: Projected) => {
        const after = this.write(before, projected);
        return { carry: after, y: this.find(after, projected) };
      },
      bank,
      this.project(parameters, transpose(x, [1, 0, 2])), // [time, batch, width] each
    );
    observe('slots', transpose(ys.attention, [1, 0, 2]));
    return { output: transpose(ys.output, [1, 0, 2]), state: { written: sub(carry, first) } };
  }

  step(
    parameters: MemoryBankParameters<Tensor>,
    x: Tensor,
    { written }: MemoryBankState<Tensor>,
  ): Reading<MemoryBankState<TensorData>> {
    requireAxes(this.name, x, ['batch', 'width']);
    requireWidth(this.name, x, this.width);
    const first = this.initialise(parameters, x.shape[0] ?? 0);
    const projected = this.project(parameters, x);
    const bank = this.write(add(first, written), projected);
    return { output: this.find(bank, projected).output, state: { written: sub(bank, first) } };
  }

  /** Everything that updates and queries need of inputs [..., width]. What an operation does not use costs nothing. */
  private project(parameters: MemoryBankParameters<Tensor>, x: Tensor): Projected {
    const activations = { writeGate: sigmoid, readGate: sigmoid, content: tanh };
    const projected = Object.fromEntries(
      projections.map((name) => [name, this.linear.apply(parameters[name], x)]),
    ) as Projected;
    return mapTree<Projected, Tensor, Tensor>(projected, (tensor, name) =>
      name in activations ? activations[name as keyof typeof activations](tensor) : tensor,
    );
  }

  private write(bank: Tensor, { address, content, writeGate }: Projected): Tensor {
    const share = expandDims(this.attend(bank, address), 2); // [batch, slots, 1]
    const change = mul(expandDims(writeGate, 1), sub(expandDims(content, 1), bank));
    return add(bank, mul(share, change));
  }

  private find(bank: Tensor, { query, readGate }: Projected): MemoryBankAnswer {
    const attention = this.attend(bank, query);
    const [batch = 0] = bank.shape;
    const found = reshape(matmul(expandDims(attention, 1), bank), [batch, this.width]);
    return { output: mul(readGate, found), attention };
  }

  /** softmax_j(key M_j / sqrt(width)): [batch, slots]. */
  private attend(bank: Tensor, key: Tensor): Tensor {
    const scores = matmul(bank, expandDims(key, 2), { scale: this.width ** -0.5 }); // [batch, slots, 1]
    return softmax(reshape(scores, scores.shape.slice(0, 2)));
  }

  private get name(): string {
    return `MemoryBank(${this.slots} slots, width ${this.width})`;
  }
}

export const memoryBankKind = defineMemory({
  kind: 'memory-bank',
  options: z.strictObject({
    /** Vectors in the bank. */
    slots: z.int().positive().default(16),
  }),
  create: ({ width, bias }, own) => new MemoryBank({ width, bias, ...own }),
});
