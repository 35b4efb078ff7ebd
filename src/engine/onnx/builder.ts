// What an op may say while it is lowered to ONNX. Knows nothing of bytes; lower.ts implements it, writer.ts serializes.
import type { DType, TypedArray } from '../../core/dtype.js';
import type { Shape } from '../../core/shape.js';
import type { Graph } from '../graph.js';

/** An ONNX attribute value. Numbers are INT unless wrapped in `{ float }`; number lists are INTS. */
export type OnnxAttribute = number | string | { readonly float: number } | readonly number[] | OnnxSubgraph;

/** A graph-valued attribute, such as the body of Scan. */
export interface OnnxSubgraph {
  readonly subgraph: Uint8Array;
}

export interface OnnxNodeOptions {
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  /** Operator domain; the default is the ONNX standard. */
  readonly domain?: 'com.microsoft' | '';
}

/** Element types of constants: Mneme's dtypes and the int64 that ONNX wants for shapes and axes. */
export type OnnxType = DType | 'int64' | 'int8' | 'uint8';

/** Collects the nodes of one graph. Names are unique across a model, subgraphs included. */
export interface OnnxBuilder {
  /** Adds a node with one output; returns the output's name. */
  node(opType: string, inputs: readonly string[], options?: OnnxNodeOptions): string;
  /** Adds a node with several outputs; returns their names. */
  nodes(opType: string, inputs: readonly string[], outputs: number, options?: OnnxNodeOptions): string[];
  /** A constant, shared when the same one was asked for before. */
  constant(type: DType, shape: Shape, data: TypedArray): string;
  /** A scalar constant of a dtype. */
  scalar(type: DType, value: number): string;
  /** An int64 vector constant: shapes, axes, slice bounds. */
  int64s(values: readonly number[]): string;
  cast(input: string, to: OnnxType): string;
  /** Lowers a graph as a subgraph. Tensors in `captured` are taken from the surrounding graph by name. */
  subgraph(graph: Graph, captured: ReadonlyMap<object, string>): OnnxSubgraph;
}
