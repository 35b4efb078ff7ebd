// The intermediate representation: symbolic tensors, the nodes that make them, and what an op is. Knows no particular op.
import type { DType } from '../core/dtype.js';
import type { Shape } from '../core/shape.js';
import type { TensorData } from '../core/tensor-data.js';
import type { OnnxBuilder } from './onnx/builder.js';
import { ShapeError } from '../core/errors.js';
import { formatShape } from '../core/shape.js';

/** What is known of a tensor before it has a value. Shapes are static: a graph is compiled once per shape. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Plain data that parametrizes an op: axes, sizes, flags; for `scan` also the body graph. */
export type Attributes = Readonly<Record<string, unknown>>;

/** A symbolic tensor: one output of a node. Immutable; holds no values. */
export class Tensor implements TensorType {
  readonly node: Node;
  /** Which of the node's outputs this is. */
  readonly index: number;
  readonly dtype: DType;
  readonly shape: Shape;

  constructor(node: Node, index: number, type: TensorType) {
    this.node = node;
    this.index = index;
    this.dtype = type.dtype;
    this.shape = type.shape;
  }
}

/** One application of an op. `scope` is the path of the layer that applied it, for error messages and profiles. */
export interface Node<A extends Attributes = Attributes> {
  readonly op: Op<A>;
  readonly inputs: readonly Tensor[];
  readonly attributes: A;
  readonly outputs: readonly Tensor[];
  readonly scope: string;
}

/**
 * Everything there is to know of an operation, in one object.
 * Rules are methods so that ops with different attributes fit one table.
 */
export interface Op<A extends Attributes = Attributes> {
  readonly name: string;
  /** Types of the outputs. @throws {ShapeError} when the inputs do not fit */
  shape(inputs: readonly TensorType[], attributes: A): readonly TensorType[];
  /**
   * Cotangents of the inputs, in symbolic ops. `undefined` stands for zero, on both sides.
   * An op without a derivative returns `[]`.
   */
  vjp(cotangents: readonly (Tensor | undefined)[], node: Node<A>): readonly (Tensor | undefined)[];
  /** Emits ONNX nodes; `inputs` are the names of the node's inputs. Returns the names of its outputs. */
  onnx(builder: OnnxBuilder, inputs: readonly string[], node: Node<A>): readonly string[];
  /** The values of the outputs on plain typed arrays: slow, readable, the oracle of the other rules. */
  reference(inputs: readonly TensorData[], node: Node<A>): readonly TensorData[];
}

/** A function of tensors: what `trace` records and every pass takes and returns. */
export interface Graph {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** Whether an attribute is a graph, such as the body of a loop. */
export function isGraph(value: unknown): value is Graph {
  return typeof value === 'object' && value !== null && 'inputs' in value && 'outputs' in value;
}

const scopes: string[] = [];

/** Runs `f` with `name` appended to the layer path that errors and nodes carry. */
export function withScope<T>(name: string, f: () => T): T {
  scopes.push(name);
  try {
    return f();
  } finally {
    scopes.pop();
  }
}

/** The path of the layer that is being traced, such as `blocks.3.memory.query`; empty outside of layers. */
export function currentScope(): string {
  return scopes.join('.');
}

/** Makes a node with known output types. Passes use it; model code uses `apply`. */
export function makeNode<A extends Attributes>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attributes: A,
  types: readonly TensorType[],
  scope: string,
): Node<A> {
  const outputs: Tensor[] = [];
  const node: Node<A> = { op, inputs, attributes, outputs, scope };
  types.forEach((type, index) => outputs.push(new Tensor(node as Node, index, type)));
  return node;
}

/**
 * Applies an op: checks shapes and records a node.
 * @throws {ShapeError} with the path of the layer when the inputs do not fit
 */
export function apply<A extends Attributes>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attributes: A,
): readonly Tensor[] {
  const scope = currentScope();
  try {
    return makeNode(op, inputs, attributes, op.shape(inputs, attributes), scope).outputs;
  } catch (error) {
    if (scope === '' || !(error instanceof ShapeError) || error.fields['scope'] !== undefined) throw error;
    throw new ShapeError(`${scope}: ${error.message}`, { fields: { ...error.fields, scope }, cause: error });
  }
}

/** `apply` for an op with one output. */
export function applyOne<A extends Attributes>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return outputOf(apply(op, inputs, attributes), 0);
}

function outputOf(outputs: readonly Tensor[], index: number): Tensor {
  const output = outputs[index];
  if (output === undefined) throw new ShapeError(`There is no output ${index}.`);
  return output;
}

/** The nodes that `outputs` depend on, each after its inputs. Does not go beyond `boundary`. */
export function nodesBefore(outputs: readonly Tensor[], boundary: ReadonlySet<Tensor> = new Set()): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  const enter = (tensor: Tensor): void => {
    if (boundary.has(tensor) || seen.has(tensor.node)) return;
    seen.add(tensor.node);
    stack.push({ node: tensor.node, next: 0 });
  };
  for (const output of outputs) {
    enter(output);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input !== undefined) enter(input);
      else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** The nodes of a graph in an executable order, its inputs excluded. */
export function nodesOf(graph: Graph): Node[] {
  return nodesBefore(graph.outputs, new Set(graph.inputs));
}

/** `float32[8, 256]`. */
export function formatType(type: TensorType): string {
  return `${type.dtype}${formatShape(type.shape)}`;
}
