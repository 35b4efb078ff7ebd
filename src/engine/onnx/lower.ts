// Lowers a graph to an ONNX model: names values, shares constants, lets each op emit its nodes. Knows no op by name but `input`.
import type { DType, TypedArray } from '../../core/dtype.js';
import type { Shape } from '../../core/shape.js';
import type { Graph, Tensor } from '../graph.js';
import type { OnnxBuilder, OnnxNodeOptions, OnnxSubgraph, OnnxType } from './builder.js';
import type { Message, NodeProto } from './writer.js';
import { typedArrayOf } from '../../core/dtype.js';
import { invariant } from '../../core/errors.js';
import { nodesOf } from '../graph.js';
import { elementType, graphProto, modelProto, serialize, tensorProto, valueInfo } from './writer.js';

/** Constants up to this size are compared by content, so that equal ones are stored once. */
const sharedConstantBytes = 256;

/** Names and constants of one model, shared by its subgraphs: ONNX names are unique across nested graphs. */
class ModelScope {
  readonly initializers: Message[] = [];
  private readonly shared = new Map<string, string>();
  private count = 0;

  fresh(hint: string): string {
    return `${hint}_${this.count++}`;
  }

  constant(type: OnnxType, shape: Shape, data: TypedArray | BigInt64Array): string {
    const small = data.byteLength <= sharedConstantBytes;
    const key = `${type}|${shape.join()}|${small ? String(Array.from(data as ArrayLike<unknown>, bitsOf)) : ''}`;
    const known = small ? this.shared.get(key) : undefined;
    if (known !== undefined) return known;
    const name = this.fresh('constant');
    this.initializers.push(tensorProto(name, type, shape, data));
    if (small) this.shared.set(key, name);
    return name;
  }
}

/** Tells -0 from 0, which print alike. */
function bitsOf(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

class GraphBuilder implements OnnxBuilder {
  readonly nodeList: NodeProto[] = [];
  private readonly model: ModelScope;

  constructor(model: ModelScope) {
    this.model = model;
  }

  node(opType: string, inputs: readonly string[], options?: OnnxNodeOptions): string {
    const [output] = this.nodes(opType, inputs, 1, options);
    invariant(output !== undefined, 'A node has an output.');
    return output;
  }

  nodes(opType: string, inputs: readonly string[], outputs: number, options: OnnxNodeOptions = {}): string[] {
    const name = this.model.fresh(opType);
    const names = Array.from({ length: outputs }, (_, i) => (i === 0 ? name : `${name}_${i}`));
    const { domain = '', attributes = {} } = options;
    this.nodeList.push({ opType, name, domain, inputs, outputs: names, attributes });
    return names;
  }

  constant(type: DType, shape: Shape, data: TypedArray): string {
    return this.model.constant(type, shape, data);
  }

  scalar(type: DType, value: number): string {
    return this.constant(type, [], typedArrayOf(type, [value]));
  }

  int64s(values: readonly number[]): string {
    return this.model.constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  cast(input: string, to: OnnxType): string {
    return this.node('Cast', [input], { attributes: { to: elementType(to) } });
  }

  subgraph(graph: Graph, captured: ReadonlyMap<object, string>): OnnxSubgraph {
    return { subgraph: serialize(lowerGraph(graph, this.model, captured, false)) };
  }
}

/** Emits the nodes of `graph`; inputs in `given` are taken by name, the others become inputs of the ONNX graph. */
function lowerGraph(
  graph: Graph,
  model: ModelScope,
  given: ReadonlyMap<object, string>,
  topLevel: boolean,
): Message {
  const names = new Map<object, string>(given);
  const inputs: Message[] = [];
  for (const input of graph.inputs) {
    if (names.has(input)) continue;
    const name = topLevel ? inputName(inputs.length) : model.fresh('in');
    names.set(input, name);
    inputs.push(valueInfo(name, input.dtype, input.shape));
  }
  const builder = new GraphBuilder(model);
  const nameOf = (tensor: Tensor): string => {
    const name = names.get(tensor);
    invariant(name !== undefined, `A tensor of ${tensor.node.op.name} was used before it was made.`);
    return name;
  };
  for (const node of nodesOf(graph)) {
    const made = node.op.onnx(builder, node.inputs.map(nameOf), node);
    node.outputs.forEach((output, i) => names.set(output, made[i] ?? ''));
  }
  // An output has a name of its own, even when it is an input, a constant or another output.
  const outputs = graph.outputs.map((output, i) => {
    const name = topLevel ? outputName(i) : model.fresh('out');
    builder.nodeList.push({
      opType: 'Identity',
      name,
      domain: '',
      inputs: [nameOf(output)],
      outputs: [name],
      attributes: {},
    });
    return valueInfo(name, output.dtype, output.shape);
  });
  return graphProto({
    name: topLevel ? 'mneme' : model.fresh('body'),
    nodes: builder.nodeList,
    initializers: topLevel ? model.initializers : [],
    inputs,
    outputs,
  });
}

/** Name of the i-th input of a lowered model. */
export function inputName(index: number): string {
  return `input_${index}`;
}

/** Name of the i-th output of a lowered model. */
export function outputName(index: number): string {
  return `output_${index}`;
}

/**
 * An ONNX model of a graph. Inputs are named `input_0`, `input_1`, ... and outputs `output_0`, ..., in the graph's order.
 * @param metadata strings stored in the model, for tools and people
 */
export function lower(
  graph: Graph,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  return serialize(modelProto(lowerGraph(graph, new ModelScope(), new Map(), true), metadata));
}
