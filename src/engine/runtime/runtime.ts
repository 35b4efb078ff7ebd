// The contract of everything that executes compiled graphs: Node, the browser, the plain-TypeScript reference. Knows no implementation.
import type { TensorData } from '../../core/tensor-data.js';
import type { Graph, TensorType } from '../graph.js';

/** Where an input of a program comes from: handed in with each run, or kept on the device under a name. */
export interface ProgramInput {
  /** Name in the ONNX model. */
  readonly name: string;
  readonly type: TensorType;
  /** Name in the device state; `undefined` for what is handed in with each run. */
  readonly state?: string;
}

/** Consecutive indices of an axis of a state tensor. */
export interface StateRange {
  readonly axis: number;
  /** Name, in the device state before the run, of the int32 scalar where they start; see `overwriteRange`. */
  readonly start: string;
}

/** Where an output of a program goes: handed back, or into the device state under a name. */
export interface ProgramOutput {
  /** Name in the ONNX model. */
  readonly name: string;
  readonly type: TensorType;
  readonly state?: string;
  /** The part of the state tensor that the output replaces; `undefined` for all of it. */
  readonly range?: StateRange;
}

/** A compiled graph with the plan of its inputs and outputs, in the graph's order. */
export interface Program {
  readonly graph: Graph;
  readonly model: Uint8Array<ArrayBuffer>;
  readonly inputs: readonly ProgramInput[];
  readonly outputs: readonly ProgramOutput[];
  /**
   * Indices of handed-back outputs that must be finite. When one is not, the device state stays as it was before the
   * run, so that the last good weights survive a diverging step.
   */
  readonly guards: readonly number[];
}

/** Bytes copied across the boundary between JavaScript and the runtime. */
export interface Traffic {
  /** From JavaScript into the runtime: arguments, and state that is written. */
  bytesIn: number;
  /** From the runtime into JavaScript: results, and state that the binding hands over by copying. */
  bytesOut: number;
}

/** Tensors kept where the runtime computes, by name: weights, optimizer moments, a model's memory. */
export interface DeviceState {
  /** Replaces or adds tensors. */
  write(tensors: ReadonlyMap<string, TensorData>): Promise<void>;
  /**
   * Copies tensors to the host (default: all).
   * @param into tensors of an earlier read, whose memory is used again: they must not be used any more
   */
  read(names?: readonly string[], into?: ReadonlyMap<string, TensorData>): Promise<Map<string, TensorData>>;
  /** An independent state with the same tensors; nothing is copied until one of them changes. */
  fork(): Promise<DeviceState>;
  /** Bytes held. */
  bytes(): Promise<number>;
  dispose(): Promise<void>;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
}

/** A program that is loaded and ready to run any number of times. */
export interface Session {
  /**
   * Executes the program once.
   * @param state tensors named by the program; those that are also outputs are replaced when the run succeeds
   * @param inputs the handed-in inputs, in the program's order
   * @returns the handed-back outputs, in the program's order
   * @throws {RuntimeError} when a tensor is missing or has another type, or the runtime fails
   */
  run(state: DeviceState, inputs: readonly TensorData[], options?: RunOptions): Promise<TensorData[]>;
  dispose(): Promise<void>;
}

/** Something that executes programs. Sessions and states of one runtime belong together. */
export interface Runtime {
  /** `node-cpu`, `reference`, ... */
  readonly name: string;
  load(program: Program): Promise<Session>;
  createState(): Promise<DeviceState>;
  /** What was copied since the runtime was made. */
  readonly traffic: Readonly<Traffic>;
  dispose(): Promise<void>;
}
