// The model that every peer trains: its sizes, parameter list, initial values, batch and FLOP count, and the
// line a peer prints. It knows no tensor library; `pytorch.py` holds the same rules in Python.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export const adamW = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  maxNorm: 1,
};

const defaults = { vocabulary: 4096, width: 256, layers: 4, heads: 4, batch: 8, block: 256 };
const runDefaults = { 'warm-up': 2, steps: 5, threads: 2 };

/** Reads `--width 128`-like options; `flags` names the booleans a peer adds. */
export function readOptions(flags = []) {
  const options = Object.fromEntries([
    ...Object.entries({ ...defaults, ...runDefaults }).map(([name, value]) => [
      name,
      { type: 'string', default: String(value) },
    ]),
    ...flags.map((name) => [name, { type: 'boolean', default: false }]),
  ]);
  const { values } = parseArgs({ options });
  const number = (name) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`--${name} ${values[name]}: expected a whole number above 0`);
    }
    return value;
  };
  const model = Object.fromEntries(Object.keys(defaults).map((name) => [name, number(name)]));
  if (model.width % model.heads !== 0) {
    throw new RangeError(`--width ${model.width} does not divide into --heads ${model.heads}`);
  }
  return {
    model,
    warmUp: number('warm-up'),
    steps: number('steps'),
    threads: number('threads'),
    flags: Object.fromEntries(flags.map((name) => [name, values[name]])),
  };
}

const matrix = (name, rows, columns, fanIn = rows) => ({ name, shape: [rows, columns], fanIn });
const bias = (name, size) => ({ name, shape: [size], fill: 0 });
const norm = (name, size) => [{ name: `${name}.weight`, shape: [size], fill: 1 }, bias(`${name}.bias`, size)];
const linear = (name, rows, columns) => [
  matrix(`${name}.weight`, rows, columns),
  bias(`${name}.bias`, columns),
];

/** Name, shape and start (`fill`, or uniform by `fanIn`) of each parameter, in order; weights are [input, output]. */
export function parameterList({ vocabulary, width, layers, block }) {
  const blocks = Array.from({ length: layers }, (_, layer) => [
    ...norm(`blocks.${layer}.norm1`, width),
    ...linear(`blocks.${layer}.attention.qkv`, width, 3 * width),
    ...linear(`blocks.${layer}.attention.output`, width, width),
    ...norm(`blocks.${layer}.norm2`, width),
    ...linear(`blocks.${layer}.feedForward.up`, width, 4 * width),
    ...linear(`blocks.${layer}.feedForward.down`, 4 * width, width),
  ]).flat();
  return [
    matrix('tokens', vocabulary, width, width),
    matrix('positions', block, width, width),
    ...blocks,
    ...norm('norm', width),
    matrix('head', width, vocabulary),
  ];
}

/** 32-bit integer hash (the finalizer of MurmurHash3), the same in every language. */
function hash(value) {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const stream = (seed) => Math.imul(seed, 0x9e3779b9);

/** float32 [rows * columns]: `fill`, or hash-based uniform in +-1/sqrt(fanIn). `index`: place in the parameter list. */
export function initialValues({ shape, fill, fanIn }, index) {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (fill !== undefined) return values.fill(fill);
  const bound = 1 / Math.sqrt(fanIn);
  return values.map((_, i) => ((hash(i + stream(index + 1)) >>> 8) / 2 ** 23 - 1) * bound);
}

/** Random token ids, int32 [batch, block] each; `targets` are `inputs` moved one token on. */
export function tokenBatch({ vocabulary, batch, block }) {
  const text = Array.from({ length: batch }, (_, row) =>
    Int32Array.from({ length: block + 1 }, (_, i) => hash(row * (block + 1) + i) % vocabulary),
  );
  const join = (from, to) => Int32Array.from(text.flatMap((row) => [...row.subarray(from, to)]));
  return { inputs: join(0, block), targets: join(1, block + 1) };
}

/** Floating point operations of one training step: 6 a weight and token, and 12 a pair of tokens in attention. */
export function stepFlops(model) {
  const { batch, block, layers, width } = model;
  const counted = parameterList(model).filter(({ name }) => name !== 'tokens' && name !== 'positions');
  return 6 * countValues(counted) * batch * block + 12 * layers * batch * block ** 2 * width;
}

function countValues(parameters) {
  return parameters.reduce(
    (total, { shape }) => total + shape.reduce((product, size) => product * size, 1),
    0,
  );
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Runs `step(number)`, which trains once and returns the loss before its update, and times it. */
export async function train({ warmUp, steps }, step) {
  const losses = [];
  const times = [];
  for (let i = 0; i < warmUp + steps; i++) {
    const start = performance.now();
    losses.push(await step(i + 1));
    if (i >= warmUp) times.push(performance.now() - start);
  }
  return { losses, msPerStep: median(times), fastestMs: Math.min(...times) };
}

/** GFLOP/s of `multiply`, which multiplies two 1024 x 1024 matrices and waits for the result. */
export async function gemmGflops(multiply) {
  const times = [];
  for (let i = 0; i < 8; i++) {
    const start = performance.now();
    await multiply();
    times.push(performance.now() - start);
  }
  return (2 * 1024 ** 3) / median(times.slice(2)) / 1e6;
}

/** Version of a dependency: package.json pins it exactly. */
export function pinnedVersion(name) {
  return JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')).dependencies[name];
}

const round = (value, digits) => Number(value.toFixed(digits));

/** Prints the peer's one JSON line. */
export function report({ peer, version, threads, model, losses, msPerStep, fastestMs, gemm }) {
  const line = {
    peer,
    version,
    threads,
    model: { ...model, parameters: countValues(parameterList(model)) },
    tokensPerSecond: round((model.batch * model.block * 1000) / msPerStep, 1),
    msPerStep: round(msPerStep, 1),
    fastestMs: round(fastestMs, 1),
    gflops: round(stepFlops(model) / msPerStep / 1e6, 2),
    gemmGflops: round(gemm, 2),
    loss: [losses[0], losses.at(-1)],
    losses,
  };
  console.log(JSON.stringify(line));
}
