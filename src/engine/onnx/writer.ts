// Serializes ONNX messages as protocol buffers. Knows the wire format and the field numbers of onnx.proto; nothing of our graphs.
// Sources: Protocol Buffers encoding guide; onnx.proto (IR version 10).
import type { TypedArray } from '../../core/dtype.js';
import type { Shape } from '../../core/shape.js';
import type { OnnxAttribute, OnnxType } from './builder.js';
import { bytesOf } from '../../core/dtype.js';

/** A message under construction: byte chunks in order. Large tensors stay where they are until the end. */
export type Message = readonly Uint8Array[];

/** TensorProto.DataType */
const elementTypes: Readonly<Record<OnnxType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
};

/** TensorProto.DataType number of an element type. */
export function elementType(type: OnnxType): number {
  return elementTypes[type];
}

const encoder = new TextEncoder();

function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const low = Number(rest & 127n);
    if (rest < 128n) return [...bytes, low];
    bytes.push(low | 128);
  }
}

const lengthOf = (message: Message): number => message.reduce((sum, chunk) => sum + chunk.length, 0);

const integer = (field: number, value: number): Message => [
  Uint8Array.from([...varint(field << 3), ...varint(value)]),
];

const message = (field: number, content: Message): Message => [
  Uint8Array.from([...varint((field << 3) | 2), ...varint(lengthOf(content))]),
  ...content,
];

const bytes = (field: number, content: Uint8Array): Message => message(field, [content]);

const text = (field: number, content: string): Message => bytes(field, encoder.encode(content));

const float = (field: number, value: number): Message => [
  Uint8Array.from(varint((field << 3) | 5)),
  new Uint8Array(Float32Array.of(value).buffer),
];

const each = <T>(items: readonly T[], f: (item: T) => Message): Message =>
  items.flatMap((item) => [...f(item)]);

/** The bytes of a message in one piece. */
export function serialize(content: Message): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(lengthOf(content));
  let position = 0;
  for (const chunk of content) {
    result.set(chunk, position);
    position += chunk.length;
  }
  return result;
}

/** TensorProto with raw data. */
export function tensorProto(
  name: string,
  type: OnnxType,
  shape: Shape,
  data: TypedArray | BigInt64Array,
): Message {
  const raw = data instanceof BigInt64Array ? new Uint8Array(data.buffer) : bytesOf(data);
  return [
    ...each(shape, (dim) => integer(1, dim)),
    ...integer(2, elementType(type)),
    ...text(8, name),
    ...bytes(9, raw),
  ];
}

/** ValueInfoProto: a name with a tensor type. */
export function valueInfo(name: string, type: OnnxType, shape: Shape): Message {
  const dims = each(shape, (dim) => message(1, integer(1, dim)));
  return [
    ...text(1, name),
    ...message(2, message(1, [...integer(1, elementType(type)), ...message(2, dims)])),
  ];
}

/** AttributeProto; its type codes are FLOAT 1, INT 2, STRING 3, GRAPH 5, INTS 7. */
function attribute(name: string, value: OnnxAttribute): Message {
  const typed = (code: number, content: Message): Message => [
    ...text(1, name),
    ...content,
    ...integer(20, code),
  ];
  if (typeof value === 'number') return typed(2, integer(3, value));
  if (typeof value === 'string') return typed(3, text(4, value));
  if ('float' in value) return typed(1, float(2, value.float));
  if ('subgraph' in value) return typed(5, bytes(6, value.subgraph));
  return typed(
    7,
    each(value, (item) => integer(8, item)),
  );
}

export interface NodeProto {
  readonly opType: string;
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

function nodeProto(node: NodeProto): Message {
  return [
    ...each(node.inputs, (name) => text(1, name)),
    ...each(node.outputs, (name) => text(2, name)),
    ...text(3, node.name),
    ...text(4, node.opType),
    ...each(Object.entries(node.attributes), ([name, value]) => message(5, attribute(name, value))),
    ...(node.domain === '' ? [] : text(7, node.domain)),
  ];
}

export interface GraphProto {
  readonly name: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly Message[];
  readonly inputs: readonly Message[];
  readonly outputs: readonly Message[];
}

/** GraphProto */
export function graphProto(graph: GraphProto): Message {
  return [
    ...each(graph.nodes, (node) => message(1, nodeProto(node))),
    ...text(2, graph.name),
    ...each(graph.initializers, (tensor) => message(5, tensor)),
    ...each(graph.inputs, (info) => message(11, info)),
    ...each(graph.outputs, (info) => message(12, info)),
  ];
}

/** Versions written into every model: IR 10 and operator set 21, both read by ONNX Runtime since 1.18. */
const irVersion = 10;
const operatorSet = 21;

/** ModelProto with the standard and the ONNX Runtime operator sets. */
export function modelProto(graph: Message, metadata: Readonly<Record<string, string>> = {}): Message {
  const operators = (domain: string, version: number): Message =>
    message(8, [...text(1, domain), ...integer(2, version)]);
  return [
    ...integer(1, irVersion),
    ...text(2, 'mneme'),
    ...message(7, graph),
    ...operators('', operatorSet),
    ...operators('com.microsoft', 1),
    ...each(Object.entries(metadata), ([key, value]) => message(14, [...text(1, key), ...text(2, value)])),
  ];
}
