// Trains a model on rows: examples that are named tensors, in tables of one shape each. Knows no task, and not when to stop.
import type { Tree } from '../core/tree.js';
import type { Executable } from '../engine/compile.js';
import type { Tensor, TensorType } from '../engine/graph.js';
import type { DeviceState, Runtime } from '../engine/runtime/runtime.js';
import type { GradientTransformation, Schedule } from '../optim/index.js';
import type { Learner } from './row-fitting.js';
import type { Named, RowTable } from './row-table.js';
import { NonFiniteError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { flattenTree, mapLeaves } from '../core/tree.js';
import { compile } from '../engine/compile.js';
import { gradients } from '../engine/grad.js';
import { full } from '../engine/ops/constant.js';
import { float32, Type, typesOf } from '../engine/trace.js';
import { applyGradients, globalNorm } from '../optim/index.js';
import { batchTypes, rowCount, takeRows } from './row-table.js';

/** What training asks of a model of rows. */
export interface RowModel {
  /** New parameters, the same for the same random stream. */
  init(random: Random): Tree<TensorData>;
  /**
   * Mean loss of a batch, a float32 scalar.
   * @param batch the tensors of a table, with the batch as their first axis
   * @param key uint32[2], for dropout
   */
  loss(parameters: Tree<Tensor>, batch: Named<Tensor>, key: Tensor): Tensor;
  /** Numbers about each row, such as its loss or whether it was answered wrongly: float32 [batch] by name. */
  measure(parameters: Tree<Tensor>, batch: Named<Tensor>): Named<Tensor>;
}

export interface RowTrainerOptions {
  readonly runtime: Runtime;
  readonly model: RowModel;
  /** The optimizer for a learning rate, which is given anew with each epoch. */
  readonly optimizer: (learningRate: Schedule) => GradientTransformation;
  /** Rows of a batch. */
  readonly batchSize: number;
}

interface Trees<T> {
  readonly parameters: Tree<T>;
  readonly optimizer: Tree<T>;
}

interface StepInputs<T> {
  readonly batch: Named<T>;
  readonly key: T;
  readonly learningRate: T;
}

interface StepOutputs<T> {
  readonly loss: T;
  readonly gradientNorm: T;
}

type StepProgram = Executable<StepInputs<TensorType>, StepOutputs<Tensor>>;
type MeasureProgram = Executable<Named<TensorType>, Named<Tensor>>;

/**
 * Compiles a model's step and measurement once for each shape of table, and starts runs that share them: trying other seeds
 * or learning rates compiles nothing again.
 *
 * @example
 * const optimizer = (learningRate: Schedule) => adamw({ learningRate });
 * const trainer = new RowTrainer({ runtime, model, optimizer, batchSize: 64 });
 * const run = await trainer.start(Random.fromSeed(1));
 * await run.epoch(tables, 1e-3);
 * const { error } = await run.measure(validation);
 */
export class RowTrainer {
  readonly model: RowModel;
  readonly batchSize: number;
  private readonly options: RowTrainerOptions;
  private readonly types: Trees<TensorType>;
  private readonly steps = new Map<string, Promise<StepProgram>>();
  private readonly measures = new Map<string, Promise<MeasureProgram>>();

  constructor(options: RowTrainerOptions) {
    this.options = options;
    this.model = options.model;
    this.batchSize = options.batchSize;
    this.types = typesOf(this.treesOf(options.model.init(Random.fromSeed(0)))) as Trees<TensorType>;
  }

  /** Parameters with the optimizer's state before the first step. */
  treesOf(parameters: Tree<TensorData>): Trees<TensorData> {
    return { parameters, optimizer: this.options.optimizer(() => full(0)).init(parameters) };
  }

  /**
   * A new run. Runs are independent of each other.
   * @param random draws first parameters, the order of rows and dropout
   * @param parameters to go on from, instead of new ones
   */
  async start(random: Random, parameters = this.model.init(random.split('parameters'))): Promise<RowRun> {
    const state = await this.options.runtime.createState();
    await state.write(flattenTree<TensorData>({ ...this.treesOf(parameters) }));
    return new RowRun(this, state, random, parameters);
  }

  /** The compiled step for tables of this shape. @throws {ShapeError} when the model does not accept them */
  step(table: RowTable): Promise<StepProgram> {
    const { runtime, model, optimizer } = this.options;
    const batch = batchTypes(table, this.batchSize);
    return once(this.steps, batch, () =>
      compile(
        runtime,
        ({ parameters, optimizer: state }: Trees<Tensor>, inputs: StepInputs<Tensor>) => {
          const loss = model.loss(parameters, inputs.batch, inputs.key);
          const gradient = gradients(loss, parameters) as Tree<Tensor>;
          const next = applyGradients(
            optimizer(() => inputs.learningRate),
            gradient,
            state,
            parameters,
          );
          return {
            state: { parameters: next.parameters, optimizer: next.state },
            outputs: { loss, gradientNorm: globalNorm(gradient) },
          };
        },
        {
          state: this.types,
          inputs: { batch, key: new Type('uint32', [2]), learningRate: float32() },
        },
        { guards: ['loss', 'gradientNorm'] },
      ),
    );
  }

  /** The compiled measurement for tables of this shape. */
  measurement(table: RowTable): Promise<MeasureProgram> {
    const { runtime, model } = this.options;
    const batch = batchTypes(table, this.batchSize);
    const { parameters } = this.types;
    return once(this.measures, batch, () =>
      compile(
        runtime,
        (state: Pick<Trees<Tensor>, 'parameters'>, inputs: Named<Tensor>) => ({
          outputs: model.measure(state.parameters, inputs),
        }),
        { state: { parameters }, inputs: batch },
      ),
    );
  }

  async dispose(): Promise<void> {
    for (const program of [...this.steps.values(), ...this.measures.values()])
      await (await program).dispose();
  }
}

/** The program for some types, made when it is asked for the first time. */
export function once<P>(
  programs: Map<string, Promise<P>>,
  types: Named<TensorType>,
  make: () => Promise<P>,
): Promise<P> {
  const key = JSON.stringify(types);
  const program = programs.get(key) ?? make();
  programs.set(key, program);
  return program;
}

/** Parameters on their way, with the optimizer's state, on the device. */
export class RowRun implements Learner {
  private readonly trainer: RowTrainer;
  private readonly state: DeviceState;
  private readonly random: Random;
  private readonly like: Tree<TensorData>;
  private epochs = 0;
  private stepCount = 0;

  constructor(trainer: RowTrainer, state: DeviceState, random: Random, like: Tree<TensorData>) {
    this.trainer = trainer;
    this.state = state;
    this.random = random;
    this.like = like;
  }

  /**
   * Sees every row once, in a new order; a batch that a table does not fill is filled with some of its rows again.
   * @returns mean loss of the batches
   * @throws {NonFiniteError} when a loss or gradient is not finite; the parameters stay as they were
   */
  async epoch(tables: readonly RowTable[], learningRate: number): Promise<number> {
    const order = this.random.split('order').split(this.epochs++);
    const batches = shuffledBatches(tables, this.trainer.batchSize, order);
    const rate = new TensorData('float32', [], Float32Array.of(learningRate));
    let total = 0;
    for (const { table, rows } of batches) {
      const key = this.random.split('dropout').split(this.stepCount++).graphKey();
      const program = await this.trainer.step(table);
      const { loss, gradientNorm } = await program.run(this.state, {
        batch: takeRows(table, rows),
        key: new TensorData('uint32', [2], key),
        learningRate: rate,
      });
      const values = [loss, gradientNorm].map(({ data }) => data[0] ?? Number.NaN);
      if (!values.every(Number.isFinite)) throw diverged(this.stepCount, values, learningRate);
      total += values[0] ?? Number.NaN;
    }
    return total / batches.length;
  }

  /** What the model says of each row: for each table, values by name, one for each row. */
  async measureRows(tables: readonly RowTable[]): Promise<Named<Float64Array>[]> {
    const measured: Named<Float64Array>[] = [];
    for (const table of tables) measured.push(await this.measureTable(table));
    return measured;
  }

  /** Means over all rows of all tables, by name. */
  async measure(tables: readonly RowTable[]): Promise<Named<number>> {
    const measured = await this.measureRows(tables);
    const names = Object.keys(measured[0] ?? {});
    return Object.fromEntries(
      names.map((name) => {
        const values = measured.map((table) => table[name] ?? new Float64Array(0));
        const total = values.flatMap((column) => [...column]).reduce((a, b) => a + b, 0);
        return [name, total / values.reduce((count, { length }) => count + length, 0)];
      }),
    );
  }

  private async measureTable(table: RowTable): Promise<Named<Float64Array>> {
    const { batchSize } = this.trainer;
    const program = await this.trainer.measurement(table);
    const count = rowCount(table);
    const results = new Map<string, Float64Array>();
    for (let start = 0; start < count; start += batchSize) {
      const rows = Int32Array.from({ length: batchSize }, (_, i) => Math.min(start + i, count - 1));
      const measured = await program.run(this.state, takeRows(table, rows));
      for (const [name, { data }] of Object.entries(measured as Named<TensorData>)) {
        if (!results.has(name)) results.set(name, new Float64Array(count));
        results.get(name)?.set(Array.from(data).slice(0, count - start), start);
      }
    }
    return Object.fromEntries(results);
  }

  /** The parameters, copied to the host. */
  async parameters(): Promise<Tree<TensorData>> {
    const paths = [...flattenTree(this.like).keys()];
    const names = paths.map((path) => `parameters.${path}`);
    const values = await this.state.read(names);
    return mapLeaves(this.like, (leaf: TensorData, path) => values.get(`parameters.${path}`) ?? leaf);
  }

  /** Goes on from other parameters. The optimizer's state stays. */
  async setParameters(parameters: Tree<TensorData>): Promise<void> {
    await this.state.write(flattenTree<TensorData>({ parameters }));
  }

  dispose(): Promise<void> {
    return this.state.dispose();
  }
}

interface RowBatch {
  readonly table: RowTable;
  readonly rows: Int32Array;
}

/** Batches of rows, each of one table, in a random order. */
function shuffledBatches(tables: readonly RowTable[], size: number, random: Random): RowBatch[] {
  const batches = tables.flatMap((table, i) => {
    const count = rowCount(table);
    const order = random.split(i).shuffle(Int32Array.from({ length: count }, (_, row) => row));
    return Array.from({ length: Math.ceil(count / size) }, (_, batch) => ({
      table,
      rows: Int32Array.from({ length: size }, (_, row) => order[(batch * size + row) % count] ?? 0),
    }));
  });
  return random.split('batches').shuffle(batches);
}

function diverged(step: number, values: readonly number[], learningRate: number): NonFiniteError {
  const [loss, gradientNorm] = values;
  return new NonFiniteError(
    `Training stopped at step ${step}: the loss is ${loss} and the gradient norm ${gradientNorm}. Lower the learning rate (it was ${learningRate}) or clip gradients.`,
    { fields: { step, loss, gradientNorm, learningRate } },
  );
}
