// Executes programs with ONNX Runtime in the thread that calls it. node-worker.ts runs it in a thread of its own.
import type { InferenceSession as OrtSession } from 'onnxruntime-node';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { TypedArray } from '../../core/dtype.js';
import type { Program, ProgramInput, ProgramOutput, Traffic } from './runtime.js';
import { RuntimeError, messageOf } from '../../core/errors.js';
import { TensorData } from '../../core/tensor-data.js';
import { formatType } from '../graph.js';
import { overwriteRange } from '../overwrite-range.js';
import { sameShape } from '../../core/shape.js';
import { isFiniteTensor } from './finite.js';

/** What a program looks like to the executor: plain data that can be sent to a thread. */
export type ProgramPlan = Pick<Program, 'model' | 'inputs' | 'outputs' | 'guards'>;

export interface ExecutorOptions {
  /** Threads of one operation; default: all cores. */
  readonly threads?: number;
  /** `cpu` or `webgpu`. */
  readonly provider?: 'cpu' | 'webgpu';
  /** Prefix of a profile that ONNX Runtime writes when the session ends. */
  readonly profilePrefix?: string;
}

/** A loaded program. */
export interface LoadedProgram {
  readonly session: OrtSession;
  readonly inputs: readonly ProgramInput[];
  readonly outputs: readonly ProgramOutput[];
  readonly guards: readonly number[];
}

/** Tensors by name. Forks share tensors; only a tensor that one state alone holds is changed in place. */
export type ExecutorState = Map<string, OrtTensor>;

function toOrt(tensor: TensorData): OrtTensor {
  return new OrtTensor(tensor.dtype, tensor.data as Float32Array, tensor.shape as number[]);
}

function fromOrt(tensor: OrtTensor): TensorData {
  return new TensorData(tensor.type as TensorData['dtype'], tensor.dims, tensor.data as TypedArray);
}

/** Bytes of a tensor's data. */
function bytesIn(tensor: OrtTensor): number {
  return (tensor.data as TypedArray).byteLength;
}

/** The session options that differ from ONNX Runtime's defaults. */
function sessionOptions(options: ExecutorOptions): OrtSession.SessionOptions {
  return {
    executionProviders: [options.provider ?? 'cpu'],
    graphOptimizationLevel: 'all',
    // Only what is fatal: errors are thrown, and need no second line on standard error.
    logSeverityLevel: 4,
    extra: {
      // Moments of rows that are seldom used decay into denormal numbers, which the processor handles very slowly.
      session: { set_denormal_as_zero: '1' },
      // What is transposed in a product is decided by our own passes (see optimize-transposes.ts).
      optimization: { disable_specified_optimizers: 'MatmulTransposeFusion' },
    },
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(options.profilePrefix === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
  };
}

export class NodeExecutor {
  readonly traffic: Traffic = { bytesIn: 0, bytesOut: 0 };
  private readonly options: ExecutorOptions;
  /** Tensors that one state alone holds and nobody else has seen. */
  private readonly unshared = new WeakSet<OrtTensor>();

  constructor(options: ExecutorOptions = {}) {
    this.options = options;
  }

  async load(plan: ProgramPlan): Promise<LoadedProgram> {
    try {
      const session = await InferenceSession.create(plan.model, sessionOptions(this.options));
      return { session, inputs: plan.inputs, outputs: plan.outputs, guards: plan.guards };
    } catch (error) {
      throw new RuntimeError(`ONNX Runtime refused the compiled graph: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Ends a session; a profile that was asked for is written now. */
  async unload(program: LoadedProgram): Promise<void> {
    if (this.options.profilePrefix !== undefined) program.session.endProfiling();
    await program.session.release();
  }

  /** Another state with the same tensors. */
  fork(state: ExecutorState): ExecutorState {
    for (const tensor of state.values()) this.unshared.delete(tensor);
    return new Map(state);
  }

  write(state: ExecutorState, tensors: ReadonlyMap<string, TensorData>): void {
    for (const [name, tensor] of tensors) {
      state.set(name, toOrt(tensor));
      this.traffic.bytesIn += tensor.bytes;
    }
  }

  read(state: ExecutorState, names: readonly string[]): Map<string, TensorData> {
    const result = new Map<string, TensorData>();
    for (const name of names) {
      const tensor = tensorNamed(state, name);
      this.traffic.bytesOut += bytesIn(tensor);
      this.unshared.delete(tensor);
      result.set(name, fromOrt(tensor));
    }
    return result;
  }

  async run(
    program: LoadedProgram,
    state: ExecutorState,
    inputs: readonly TensorData[],
  ): Promise<TensorData[]> {
    const feeds = this.feeds(program, state, inputs);
    let results: OrtSession.OnnxValueMapType;
    try {
      results = await program.session.run(feeds);
    } catch (error) {
      throw new RuntimeError(`ONNX Runtime failed to run the graph: ${messageOf(error)}`, { cause: error });
    }
    const returned: TensorData[] = [];
    for (const { name, state: kept } of program.outputs) {
      const tensor = results[name] as OrtTensor;
      this.traffic.bytesOut += bytesIn(tensor);
      if (kept === undefined) returned.push(fromOrt(tensor));
    }
    const sound = program.guards.every((i) => returned[i] !== undefined && isFiniteTensor(returned[i]));
    if (sound) this.update(state, program.outputs, results);
    return returned;
  }

  /** Takes over the outputs that are state. */
  private update(
    state: ExecutorState,
    outputs: readonly ProgramOutput[],
    results: OrtSession.OnnxValueMapType,
  ): void {
    const before: ReadonlyMap<string, OrtTensor> = new Map(state);
    for (const { name, state: kept, range } of outputs) {
      if (kept === undefined) continue;
      const tensor = results[name] as OrtTensor;
      if (range === undefined) {
        state.set(kept, tensor);
        continue;
      }
      const start = Number(tensorNamed(before, range.start).data[0]);
      overwriteRange(fromOrt(this.changeable(state, kept)), fromOrt(tensor), range.axis, start);
    }
  }

  /** The tensor of a state, which from now on this state alone holds. */
  private changeable(state: ExecutorState, name: string): OrtTensor {
    const tensor = tensorNamed(state, name);
    if (this.unshared.has(tensor)) return tensor;
    const { dtype, shape, data } = fromOrt(tensor);
    const copy = toOrt(new TensorData(dtype, shape, data.slice()));
    this.unshared.add(copy);
    state.set(name, copy);
    return copy;
  }

  private feeds(
    program: LoadedProgram,
    state: ExecutorState,
    inputs: readonly TensorData[],
  ): Record<string, OrtTensor> {
    const feeds: Record<string, OrtTensor> = {};
    let next = 0;
    program.inputs.forEach((input) => {
      const { name } = input;
      if (input.state !== undefined)
        feeds[name] = checked(tensorNamed(state, input.state), input, input.state);
      else {
        const given = inputs[next++];
        if (given === undefined)
          throw new RuntimeError(`The program needs more inputs than the ${inputs.length} given.`);
        this.traffic.bytesIn += given.bytes;
        feeds[name] = checked(toOrt(given), input, `input ${next - 1}`);
      }
    });
    return feeds;
  }
}

function tensorNamed(state: ReadonlyMap<string, OrtTensor>, name: string): OrtTensor {
  const tensor = state.get(name);
  if (tensor === undefined)
    throw new RuntimeError(`The state has no tensor "${name}"; write it before running.`);
  return tensor;
}

/** @throws {RuntimeError} when a tensor has another type than the program was compiled for */
function checked(tensor: OrtTensor, { type }: ProgramInput, what: string): OrtTensor {
  if (tensor.type === type.dtype && sameShape(tensor.dims, type.shape)) return tensor;
  throw new RuntimeError(
    `${what} is ${tensor.type}[${tensor.dims.join(', ')}]; the program was compiled for ${formatType(type)}.`,
    { fields: { given: tensor.dims, expected: type.shape } },
  );
}
