// Writes a graph as text that people can read and tests can compare. Knows no op but constants.
import { sizeOf } from '../core/shape.js';
import { TensorData } from '../core/tensor-data.js';
import type { Graph, Node, Tensor } from './graph.js';
import { formatType, isGraph, nodesOf } from './graph.js';
import { constantOp, input } from './ops/constant.js';

/** Constants with more elements are shown by their type alone. */
const shownElements = 8;

/** Numbers tensors in the order in which they are met, across nested graphs. */
class Printer {
  private readonly numbers = new Map<Tensor, number>();

  /** `%3`, or the number itself for a constant scalar. */
  private name(tensor: Tensor): string {
    const value = literalOf(tensor);
    if (value !== undefined) return value;
    const number = this.numbers.get(tensor) ?? this.numbers.size;
    this.numbers.set(tensor, number);
    return `%${number}`;
  }

  private typed(tensor: Tensor): string {
    return `${this.name(tensor)}: ${formatType(tensor)}`;
  }

  lines(graph: Graph): string[] {
    const inputs = graph.inputs.map((tensor) => `${this.typed(tensor)}${labelOf(tensor)}`);
    const nodes = nodesOf(graph).filter((node) =>
      node.outputs.some((output) => literalOf(output) === undefined),
    );
    const body = nodes.flatMap((node) => this.node(node));
    const outputs = graph.outputs.map((tensor) => this.name(tensor));
    return [`(${inputs.join(', ')}) {`, ...indented([...body, `return ${outputs.join(', ')}`]), '}'];
  }

  private node({ op, inputs, attributes, outputs, scope }: Node): string[] {
    const operands = inputs.map((tensor) => this.name(tensor)).join(', ');
    const [graphs, plain] = partition(Object.entries(attributes), ([, value]) => isGraph(value));
    const shown = plain
      .filter(([, value]) => value !== false)
      .map(([key, value]) => `${key}: ${formatValue(value)}`);
    const settings = shown.length === 0 ? '' : ` {${shown.join(', ')}}`;
    const path = scope === '' ? '' : `  # ${scope}`;
    const results = outputs.map((tensor) => this.typed(tensor)).join(', ');
    const bodies = graphs.flatMap(([key, graph]) => {
      const [first = '', ...rest] = this.lines(graph as Graph);
      return indented([`${key} ${first}`, ...rest]);
    });
    return [`${results} = ${op.name}(${operands})${settings}${path}`, ...bodies];
  }
}

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function partition<T>(items: readonly T[], holds: (item: T) => boolean): [T[], T[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))];
}

/** The name of an input, as a comment. */
function labelOf({ node }: Tensor): string {
  return node.op === input ? ` ${String(node.attributes['name'])}` : '';
}

/** The value of a constant scalar, as text. */
function literalOf({ node, shape }: Tensor): string | undefined {
  if (node.op !== constantOp || shape.length > 0) return undefined;
  return formatValue(node.attributes['value']);
}

function formatValue(value: unknown): string {
  if (value instanceof TensorData) return formatData(value);
  if (typeof value === 'function') return 'function';
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  return String(value);
}

function formatData(value: TensorData): string {
  if (sizeOf(value.shape) > shownElements) return '...';
  const elements = Array.from(value.data, (x) => String(Object.is(x, -0) ? '-0' : x));
  return value.shape.length === 0 ? elements.join() : `[${elements.join(', ')}]`;
}

/**
 * A graph as text: one line a node, `%2: float32[8, 4] = matmul(%0, %1) {transposeB: true, scale: 1}  # path.of.layer`.
 * Constant scalars stand where they are used; flags that are false are left out; graphs inside of nodes are indented.
 */
export function printGraph(graph: Graph): string {
  return new Printer().lines(graph).join('\n');
}
