// Reads the fixtures that PyTorch made (test/fixtures/pytorch). Knows nothing of what they test.
import { readdirSync, readFileSync } from 'node:fs';
import type { DType } from '../../src/core/dtype.js';
import { typedArrayFromBytes } from '../../src/core/dtype.js';
import { DataError } from '../../src/core/errors.js';
import type { Shape } from '../../src/core/shape.js';
import { formatShape, sizeOf } from '../../src/core/shape.js';
import { TensorData } from '../../src/core/tensor-data.js';
import type { Tree } from '../../src/core/tree.js';

type Plain = Readonly<Record<string, unknown>>;

export interface Fixture<Options = Plain> {
  /** The formula, and which convention where there are several. */
  readonly description: string;
  readonly options: Options;
  /** Names of the tensors that are parameters, in Mneme's tree paths. */
  readonly parameters: readonly string[];
  readonly tensors: Readonly<Record<string, TensorData>>;
}

interface StoredTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Base64 of the little-endian values. */
  readonly data: string;
}

interface StoredFixture<Options> extends Omit<Fixture<Options>, 'tensors'> {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
}

const folder = new URL('../fixtures/pytorch/', import.meta.url);

/** Names of all fixtures, sorted. */
export function fixtureNames(): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.map((file) => file.slice(0, -'.json'.length)).sort();
}

/**
 * A fixture by name, `gru` for `gru.json`; `Options` are those that the test relies on.
 * @throws {DataError} when a tensor does not fill its shape
 */
export function loadFixture<Options = Plain>(name: string): Fixture<Options> {
  const text = readFileSync(new URL(`${name}.json`, folder), 'utf8');
  const { tensors, ...rest } = JSON.parse(text) as StoredFixture<Options>;
  const decoded = Object.entries(tensors).map(
    ([key, tensor]) => [key, decode(`${name}: ${key}`, tensor)] as const,
  );
  return { ...rest, tensors: Object.fromEntries(decoded) };
}

function decode(where: string, { dtype, shape, data }: StoredTensor): TensorData {
  const values = typedArrayFromBytes(dtype, Uint8Array.from(Buffer.from(data, 'base64')));
  if (values.length !== sizeOf(shape)) {
    throw new DataError(
      `${where} holds ${values.length} values, but its shape is ${formatShape(shape)}; run make.py again.`,
    );
  }
  return new TensorData(dtype, shape, values);
}

/** @throws {DataError} when the fixture has no tensor of that name */
export function tensorOf(fixture: Fixture<unknown>, name: string): TensorData {
  const tensor = fixture.tensors[name];
  if (tensor) return tensor;
  const names = Object.keys(fixture.tensors).join(', ');
  throw new DataError(`The fixture has no tensor "${name}"; it has ${names}.`);
}

/** The fixture's parameters as a tree: nested objects by dotted path, arrays where all keys are numbers. */
export function parametersOf<Parameters = Tree<TensorData>>(fixture: Fixture<unknown>): Parameters {
  return nest(fixture.parameters.map((name) => entryOf(name, tensorOf(fixture, name)))) as Parameters;
}

/** The gradient of each parameter, in a tree like that of `parametersOf`. */
export function gradientsOf<Parameters = Tree<TensorData>>(fixture: Fixture<unknown>): Parameters {
  return nest(
    fixture.parameters.map((name) => entryOf(name, tensorOf(fixture, `grad.${name}`))),
  ) as Parameters;
}

/** All tensors whose names start with `prefix.`, as a tree without the prefix. */
export function treeUnder<Branch = Tree<TensorData>>(fixture: Fixture<unknown>, prefix: string): Branch {
  const chosen = Object.entries(fixture.tensors).filter(([name]) => name.startsWith(`${prefix}.`));
  return nest(chosen.map(([name, tensor]) => entryOf(name.slice(prefix.length + 1), tensor))) as Branch;
}

interface Entry {
  readonly path: readonly string[];
  readonly tensor: TensorData;
}

function entryOf(name: string, tensor: TensorData): Entry {
  return { path: name.split('.'), tensor };
}

function nest(entries: readonly Entry[]): Tree<TensorData> {
  const [first] = entries;
  if (first?.path.length === 0) return first.tensor;
  const groups: Record<string, Entry[]> = {};
  for (const { path, tensor } of entries) {
    const [key = '', ...rest] = path;
    (groups[key] ??= []).push({ path: rest, tensor });
  }
  const children = Object.entries(groups).map(([key, group]) => [key, nest(group)] as const);
  const isArray = children.length > 0 && children.every(([key]) => /^\d+$/.test(key));
  return isArray ? children.map(([, child]) => child) : Object.fromEntries(children);
}
