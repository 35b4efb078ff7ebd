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
const sharedConstantBytes = 16384;

/** Names and constants of one model, shared by its subgraphs: ONNX names are unique across nested graphs. */
class ModelScope {
  readonly initializers: Message[] = [];
  /** Names that subgraphs take from around them. */
  readonly captured = new Set<string>();
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
  private readonly isOutput = new Set<string>();

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
    for (const name of captured.values()) this.model.captured.add(name);
    const names = { inputs: () => this.model.fresh('in'), outputs: () => this.model.fresh('out') };
    return { subgraph: serialize(lowerGraph(graph, this.model, names, captured)) };
  }

  /**
   * Gives a value its name as an output of the graph: by renaming it where a node of this graph makes it and nobody else
   * knows its name, else by a copy.
   */
  output(value: string, name: string): void {
    const maker = this.nodeList.find((node) => node.outputs.includes(value));
    const isFixed = maker === undefined || this.isOutput.has(value) || this.model.captured.has(value);
    this.isOutput.add(name);
    if (isFixed) {
      this.nodeList.push({
        opType: 'Identity',
        name,
        domain: '',
        inputs: [value],
        outputs: [name],
        attributes: {},
      });
      return;
    }
    const renamed = (names: readonly string[]): readonly string[] =>
      names.map((old) => (old === value ? name : old));
    this.nodeList.forEach((node, i) => {
      const touched = node.inputs.includes(value) || node.outputs.includes(value);
      if (touched)
        this.nodeList[i] = { ...node, inputs: renamed(node.inputs), outputs: renamed(node.outputs) };
    });
  }
}

/** How inputs and outputs are called. */
interface Naming {
  inputs(index: number): string;
  outputs(index: number): string;
}

/** Emits the nodes of `graph`; inputs in `given` are taken by name, the others become inputs of the ONNX graph. */
function lowerGraph(
  graph: Graph,
  model: ModelScope,
  naming: Naming,
  given?: ReadonlyMap<object, string>,
): Message {
  const names = new Map<object, string>(given);
  const inputs: Message[] = [];
  for (const input of graph.inputs) {
    if (names.has(input)) continue;
    const name = naming.inputs(inputs.length);
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
  // All values are looked up before the first is renamed.
  const values = graph.outputs.map(nameOf);
  const renamed = new Map<string, string>();
  const outputs = graph.outputs.map((output, i) => {
    const name = naming.outputs(i);
    const value = values[i] ?? '';
    builder.output(renamed.get(value) ?? value, name);
    if (!renamed.has(value)) renamed.set(value, name);
    return valueInfo(name, output.dtype, output.shape);
  });
  return graphProto({
    name: given === undefined ? 'mneme' : model.fresh('body'),
    nodes: builder.nodeList,
    initializers: given === undefined ? model.initializers : [],
    inputs,
    outputs,
  });
}

export interface LowerOptions {
  /** Names of the inputs, in the graph's order. Default: `input_0`, `input_1`, ... */
  readonly inputNames?: readonly string[];
  /** Names of the outputs, in the graph's order. Default: `output_0`, `output_1`, ... */
  readonly outputNames?: readonly string[];
  /** Strings stored in the model, for tools and people. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The bytes of an ONNX model of a graph. */
export function lower(graph: Graph, options: LowerOptions = {}): Uint8Array<ArrayBuffer> {
  const naming: Naming = {
    inputs: (index) => options.inputNames?.[index] ?? `input_${index}`,
    outputs: (index) => options.outputNames?.[index] ?? `output_${index}`,
  };
  return serialize(modelProto(lowerGraph(graph, new ModelScope(), naming), options.metadata));
}
