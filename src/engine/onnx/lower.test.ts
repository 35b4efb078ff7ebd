// Reads what we write with an independent implementation of the ONNX format, and holds it to the rules of the format.
import { onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import type { OpCase } from '../../../test/support/op-cases.js';
import { graphOf, opCases } from '../../../test/support/op-cases.js';
import { sizeOf } from '../../core/shape.js';
import { gradients } from '../grad.js';
import type { Graph, Tensor } from '../graph.js';
import { add, mul } from '../ops/arithmetic.js';
import { full, placeholder, vector } from '../ops/constant.js';
import { sum } from '../ops/reduce.js';
import { scan } from '../ops/scan.js';
import { float32, trace } from '../trace.js';
import type { LowerOptions } from './lower.js';
import { lower } from './lower.js';

type IGraph = onnx.IGraphProto;
type IAttribute = onnx.IAttributeProto;

const { AttributeType } = onnx.AttributeProto;
const bytesPerElement: Readonly<Record<number, number>> = {
  1: 4,
  2: 1,
  3: 1,
  6: 4,
  7: 8,
  9: 1,
  10: 2,
  11: 8,
  12: 4,
};

function read(graph: Graph, options?: LowerOptions): { model: onnx.ModelProto; graph: IGraph } {
  const model = onnx.ModelProto.decode(lower(graph, options));
  return { model, graph: model.graph ?? {} };
}

const bodiesOf = (graph: IGraph): IGraph[] =>
  (graph.node ?? []).flatMap((node) => (node.attribute ?? []).flatMap(({ g }) => (g ? [g] : [])));

/** Every name a graph and the graphs inside of it define. */
function definitions(graph: IGraph): string[] {
  return [
    ...(graph.input ?? []).map(({ name }) => name ?? ''),
    ...(graph.initializer ?? []).map(({ name }) => name ?? ''),
    ...(graph.node ?? []).flatMap(({ output }) => output ?? []),
    ...bodiesOf(graph).flatMap(definitions),
  ];
}

/** Names that are used before they are defined. A body sees what is defined around it, up to its node. */
function undefinedNames(graph: IGraph, around: ReadonlySet<string> = new Set()): string[] {
  const known = new Set(around);
  for (const { name } of [...(graph.input ?? []), ...(graph.initializer ?? [])]) known.add(name ?? '');
  const missing: string[] = [];
  for (const node of graph.node ?? []) {
    missing.push(...(node.input ?? []).filter((name) => name !== '' && !known.has(name)));
    for (const { g } of node.attribute ?? []) if (g) missing.push(...undefinedNames(g, known));
    for (const name of node.output ?? []) known.add(name);
  }
  return [
    ...missing,
    ...(graph.output ?? []).flatMap(({ name }) => (known.has(name ?? '') ? [] : [name ?? ''])),
  ];
}

/** Whether exactly the field of the declared type is set. */
function isConsistent({ type, f, i, s, g, ints }: IAttribute): boolean {
  const fields = new Map<number, boolean>([
    [AttributeType.FLOAT, Boolean(f)],
    [AttributeType.INT, Number(i) !== 0],
    [AttributeType.STRING, (s?.length ?? 0) > 0],
    [AttributeType.GRAPH, g !== null && g !== undefined],
    [AttributeType.INTS, (ints?.length ?? 0) > 0],
  ]);
  return fields.has(type ?? 0) && [...fields].every(([kind, isSet]) => kind === type || !isSet);
}

const attributesOf = (graph: IGraph): IAttribute[] => [
  ...(graph.node ?? []).flatMap(({ attribute }) => attribute ?? []),
  ...bodiesOf(graph).flatMap(attributesOf),
];

/** Name, element type and sizes of inputs or outputs. */
const described = (infos: readonly onnx.IValueInfoProto[] | null | undefined): unknown =>
  infos?.map(({ name, type }) => [
    name,
    type?.tensorType?.elemType,
    type?.tensorType?.shape?.dim?.map(({ dimValue }) => Number(dimValue)) ?? [],
  ]);

/** A case together with its gradient, where it has one. */
function withGradient(example: OpCase): Graph {
  const { inputs, outputs } = graphOf(example);
  if (example.gradient === 'none') return { inputs, outputs };
  const loss = outputs
    .filter(({ dtype }) => dtype === 'float32')
    .map((output) => sum(output))
    .reduce((a, b) => add(a, b), full(0));
  const sources = inputs.filter(({ dtype }) => dtype === 'float32');
  return { inputs, outputs: [...outputs, ...gradients(loss, sources)] };
}

const graphs = opCases.map(([name, example]) => [name, read(withGradient(example)).graph] as const);

describe('an ONNX file, read by another implementation', () => {
  it.each(graphs)('gives every value a name of its own: %s', (_, graph) => {
    const names = definitions(graph);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(graphs)('defines every value before it is used: %s', (_, graph) => {
    expect(undefinedNames(graph)).toEqual([]);
  });

  it.each(graphs)('says of every attribute which type it has: %s', (_, graph) => {
    expect(attributesOf(graph).filter((attribute) => !isConsistent(attribute))).toEqual([]);
  });

  it.each(graphs)('stores as many bytes as its tensors have: %s', (_, graph) => {
    for (const { dims, dataType, rawData } of graph.initializer ?? []) {
      expect(rawData?.length).toBe(
        sizeOf((dims ?? []).map(Number)) * (bytesPerElement[dataType ?? 0] ?? NaN),
      );
    }
  });

  it('names the versions, operator sets and metadata', () => {
    const { model } = read(trace((x: Tensor) => mul(x, 2), float32(2)).graph, {
      metadata: { config: '{"a": 1}' },
    });
    expect(Number(model.irVersion)).toBe(10);
    expect(model.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([
      ['', 21],
      ['com.microsoft', 1],
    ]);
    expect(model.metadataProps).toMatchObject([{ key: 'config', value: '{"a": 1}' }]);
  });

  it('gives inputs and outputs their types and the names asked for', () => {
    const { graph } = trace((x: Tensor) => [mul(x, 2), sum(x)], float32(2, 3));
    const { graph: file } = read(graph, { inputNames: ['x'], outputNames: ['doubled', 'total'] });
    expect(described(file.input)).toEqual([['x', 1, [2, 3]]]);
    expect(described(file.output)).toEqual([
      ['doubled', 1, [2, 3]],
      ['total', 1, []],
    ]);
  });

  it('gives an output a name of its own where it is an input, a constant or another output', () => {
    const x = placeholder(float32(2), 'x');
    const y = mul(x, 2);
    const { graph } = read({ inputs: [x], outputs: [x, x, y, y, vector([1, 2]), y] });
    expect(graph.output?.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5].map((i) => `output_${i}`));
    expect(undefinedNames(graph)).toEqual([]);
    const names = definitions(graph);
    expect(new Set(names).size).toBe(names.length);
  });

  it('stores equal small constants once, and tells -0 from 0', () => {
    const { graph } = trace((x: Tensor) => [add(x, 7), mul(x, 7), mul(x, 0), mul(x, -0)], float32(2));
    expect(read(graph).graph.initializer?.length).toBe(3);
  });

  it('nests the body of a loop, which sees the values around it', () => {
    const { graph } = trace(
      (x: Tensor, weight: Tensor) =>
        scan(
          (carry: Tensor, slice: Tensor) => {
            const next = mul(add(carry, slice), weight);
            return { carry: next, y: next };
          },
          mul(weight, 0),
          x,
        ).ys,
      float32(4, 2),
      float32(2),
    );
    const file = read(graph).graph;
    const [body, ...others] = bodiesOf(file);
    expect(others).toEqual([]);
    expect(body?.input?.length).toBe(2);
    expect(undefinedNames(file)).toEqual([]);
    expect(undefinedNames(body ?? {})).toEqual(['input_1']);
  });
});
