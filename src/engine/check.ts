// What a legal graph is, written down as checks that tests run between passes. Knows ops only through their table.
//
// 1. Inputs are placeholders, each of them once.
// 2. A node is an op of the table, under its own name.
// 3. What a node takes is made before it; the only placeholders are inputs of the graph.
// 4. A node's outputs have the types that the op's shape rule says for its inputs, and sizes are whole numbers.
// 5. Graphs inside of a node, such as the body of a loop, are legal and closed: they take nothing from around them.
import { InternalError, ShapeError } from '../core/errors.js';
import { sameShape } from '../core/shape.js';
import type { Graph, Node, Op, TensorType } from './graph.js';
import { Tensor, formatType, isGraph, nodesOf } from './graph.js';
import { input } from './ops/constant.js';
import { ops } from './ops/index.js';

const table: Readonly<Record<string, Op>> = ops;

function demand(condition: boolean, where: string, message: string): void {
  if (!condition) throw new InternalError(`${where}: ${message}.`);
}

const formatTypes = (types: readonly TensorType[]): string => types.map(formatType).join(', ');

function describeNode(node: Node): string {
  return `${node.op.name}(${formatTypes(node.inputs)})${node.scope === '' ? '' : ` of ${node.scope}`}`;
}

/**
 * Checks that a graph is legal, by the rules at the top of this file.
 * @param where what made the graph, for the message
 * @throws {InternalError} that names the node and the rule that is broken
 */
export function check(graph: Graph, where = 'graph'): void {
  const known = new Set(graph.inputs);
  demand(known.size === graph.inputs.length, where, 'an input occurs twice');
  for (const { node } of graph.inputs) {
    demand(node.op === input, where, `an input is made by ${node.op.name}; it must be a placeholder`);
  }
  for (const node of nodesOf(graph)) {
    checkNode(node, known, `${where}: ${describeNode(node)}`);
    for (const output of node.outputs) known.add(output);
  }
  for (const output of graph.outputs) {
    demand(known.has(output), where, `an output of type ${formatType(output)} is made by no node`);
  }
}

function checkNode(node: Node, known: ReadonlySet<Tensor>, where: string): void {
  demand(
    node.op !== input,
    where,
    `takes ${String(node.attributes['name'])}, which is no input of this graph`,
  );
  demand(table[node.op.name] === node.op, where, 'the op is not in the table');
  node.inputs.forEach((tensor, i) => {
    demand(tensor instanceof Tensor && known.has(tensor), where, `its input ${i} is not made before it`);
  });
  node.outputs.forEach((output, i) => {
    demand(output.node === node && output.index === i, where, `its output ${i} belongs to another node`);
  });
  checkTypes(node, where);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (isGraph(attribute)) check(attribute, `${where}.${name}`);
  }
}

function checkTypes(node: Node, where: string): void {
  const expected = typesByRule(node, where);
  const equal =
    expected.length === node.outputs.length &&
    node.outputs.every(({ dtype, shape }, i) => {
      const type = expected[i];
      return type !== undefined && type.dtype === dtype && sameShape(type.shape, shape);
    });
  demand(equal, where, `has outputs ${formatTypes(node.outputs)}; its rule says ${formatTypes(expected)}`);
  const sizes = node.outputs.flatMap(({ shape }) => shape);
  demand(
    sizes.every((size) => Number.isInteger(size) && size >= 0),
    where,
    'a size is not a whole number',
  );
}

function typesByRule(node: Node, where: string): readonly TensorType[] {
  try {
    return node.op.shape(node.inputs, node.attributes);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new InternalError(`${where}: its shape rule refuses it: ${error.message}`, { cause: error });
  }
}
