// Makes a graph smaller without changing what it computes: sharing, folding, dropping. Passes are functions from graph to graph.
import type { TypedArray } from '../core/dtype.js';
import type { Graph, Op } from './graph.js';
import { bytesOf } from '../core/dtype.js';
import { sizeOf } from '../core/shape.js';
import { TensorData } from '../core/tensor-data.js';
import { Tensor } from './graph.js';
import { scaleSmallerSide } from './optimize-products.js';
import { mergeScans, optimizeBodies, pruneScans } from './optimize-scans.js';
import { straightenProducts } from './optimize-transposes.js';
import { rewrite } from './rewrite.js';
import { simplify } from './simplify.js';
import { constant } from './ops/constant.js';

/** Constants larger than this are not folded: they would bloat the model to save little work. */
const foldedElements = 4096;

/** Replaces nodes whose inputs are all small constants by their value. */
export function foldConstants(graph: Graph): Graph {
  return rewrite(graph, (node) => {
    if (node.inputs.length === 0 || !node.inputs.every(isConstant)) return undefined;
    if (node.outputs.some((output) => sizeOf(output.shape) > foldedElements)) return undefined;
    const values = node.inputs.map((input) => input.node.attributes['value'] as TensorData);
    return node.op.reference(values, node).map(constant);
  });
}

function isConstant(tensor: Tensor): boolean {
  return tensor.node.op.name === 'constant';
}

/** Gives every distinct object a number, so that attributes can be compared as text. */
class Identities {
  private readonly ids = new Map<object, number>();

  of(value: object): number {
    const id = this.ids.get(value) ?? this.ids.size;
    this.ids.set(value, id);
    return id;
  }

  /** A text that is equal exactly for equal attributes: data by content, tensors and functions by identity. */
  keyOf(value: unknown): string {
    if (value instanceof TensorData)
      return `${value.dtype}[${value.shape.join()}]${this.dataKey(value.data)}`;
    if (value instanceof Tensor || typeof value === 'function') return `#${this.of(value)}`;
    if (Array.isArray(value)) return `[${value.map((item) => this.keyOf(item)).join()}]`;
    if (typeof value === 'object' && value !== null) {
      return `{${Object.entries(value)
        .map(([key, item]) => `${key}:${this.keyOf(item)}`)
        .join()}}`;
    }
    return Object.is(value, -0) ? '-0' : JSON.stringify(value);
  }

  private dataKey(data: TypedArray): string {
    return data.length > foldedElements ? `#${this.of(data)}` : bytesOf(data).join();
  }
}

/** Computes equal nodes once: the same op on the same inputs with the same attributes. */
export function shareSubexpressions(graph: Graph): Graph {
  const identities = new Identities();
  const known = new Map<string, readonly Tensor[]>();
  const opIds = new Map<Op, number>();
  return rewrite(graph, (node) => {
    const opId = opIds.get(node.op) ?? opIds.size;
    opIds.set(node.op, opId);
    const inputs = node.inputs.map((input) => `${identities.of(input.node)}.${input.index}`);
    const key = `${opId}(${inputs.join()})${identities.keyOf(node.attributes)}`;
    const shared = known.get(key);
    if (shared === undefined) known.set(key, node.outputs);
    return shared;
  });
}

/** Drops ops that only decide how gradients flow: once a graph is complete, they compute nothing. */
export function dropGradientRules(graph: Graph): Graph {
  return rewrite(graph, ({ op, inputs, attributes }) => {
    if (op.name === 'stopGradient') return inputs;
    return op.name === 'customGradient' ? inputs.slice(attributes['sources'] as number) : undefined;
  });
}

/** Passes that work on one graph, in order. */
const passes: readonly ((graph: Graph) => Graph)[] = [
  dropGradientRules,
  foldConstants,
  simplify,
  scaleSmallerSide,
  straightenProducts,
  shareSubexpressions,
  mergeScans,
  pruneScans,
];

/** Told of the graph after each pass: where tests check that it is legal and still computes the same. */
export type PassObserver = (graph: Graph, pass: string) => void;

/** All passes, in order; bodies of loops last, when it is known what is asked of them. */
export function optimize(graph: Graph, observe: PassObserver = () => undefined): Graph {
  const optimized = passes.reduce((current, pass) => {
    const next = pass(current);
    observe(next, pass.name);
    return next;
  }, graph);
  return optimizeBodies(optimized, optimize);
}
