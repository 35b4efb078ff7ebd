// Messages between a runtime and its worker thread. Plain data; knows neither side.
import type { DType, TypedArray } from '../../core/dtype.js';
import type { Shape } from '../../core/shape.js';
import type { ProgramPlan } from './node-executor.js';
import type { Traffic } from './runtime.js';
import { TensorData } from '../../core/tensor-data.js';

/** A tensor as it crosses the boundary; class instances do not. */
export interface WireTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

export type Command =
  | { readonly kind: 'load'; readonly program: number; readonly plan: ProgramPlan }
  | { readonly kind: 'unload'; readonly program: number }
  | { readonly kind: 'createState'; readonly state: number; readonly from?: number }
  | { readonly kind: 'dropState'; readonly state: number }
  | { readonly kind: 'write'; readonly state: number; readonly tensors: readonly WireTensor[] }
  | {
      readonly kind: 'read';
      readonly state: number;
      readonly names?: readonly string[];
      /** Memory to write into. */
      readonly into: readonly WireTensor[];
    }
  | {
      readonly kind: 'run';
      readonly program: number;
      readonly state: number;
      readonly inputs: readonly WireTensor[];
    };

export type Request = Command & { readonly id: number };

export interface Reply {
  readonly id: number;
  readonly tensors?: readonly WireTensor[];
  readonly error?: { readonly code: string; readonly message: string };
  readonly traffic: Traffic;
}

export function toWire(name: string, tensor: TensorData): WireTensor {
  return { name, dtype: tensor.dtype, shape: tensor.shape, data: tensor.data };
}

export function fromWire(wire: WireTensor): TensorData {
  return new TensorData(wire.dtype, wire.shape, wire.data);
}

/** Buffers that can move instead of being copied. */
export function transferable(tensors: readonly WireTensor[]): ArrayBuffer[] {
  return [...new Set(tensors.map((tensor) => tensor.data.buffer as ArrayBuffer))];
}
