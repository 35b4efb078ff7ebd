// Whole memories of fast weights against their naive form, one token of one head at a time, as in the papers: projections,
// gates, norms and normalizers around the rules that rules.test.ts checks.
import { describe, expect, it } from 'vitest';
import type { Tree } from '../../core/tree.js';
import type { Tensor } from '../../engine/graph.js';
import type { Memory } from '../memory.js';
import { expectClose } from '../../../test/support/reproduce.js';
import { Random } from '../../core/random.js';
import { TensorData } from '../../core/tensor-data.js';
import { flattenTree, mapTree } from '../../core/tree.js';
import { evaluateOnce } from '../../engine/compile.js';
import { gradients } from '../../engine/grad.js';
import { add, div, mul, sub } from '../../engine/ops/arithmetic.js';
import { greater } from '../../engine/ops/comparison.js';
import { expandDims, reshape } from '../../engine/ops/layout.js';
import { matmul } from '../../engine/ops/matmul.js';
import { sum } from '../../engine/ops/reduce.js';
import { concat, select, slice, stack } from '../../engine/ops/slicing.js';
import { exp, log, sigmoid, sqrt } from '../../engine/ops/unary.js';
import { where } from '../../engine/ops/where.js';
import { ReferenceRuntime } from '../../engine/runtime/reference-runtime.js';
import { initialize } from '../../nn/initializers.js';
import { DeltaNet } from '../delta-net.js';
import { InfiniAttention } from '../infini-attention.js';
import { LinearAttention } from '../linear-attention.js';
import { Titans } from '../titans.js';

const [batch, time, width, heads, size] = [2, 7, 6, 2, 3];
const runtime = new ReferenceRuntime();

/** Parameters by their paths, such as `gates.rate.weight`. */
type Parameters = (path: string) => Tensor;

/** Vectors are [batch, size], a matrix for each sequence [batch, rows, columns]. */
const outer = (a: Tensor, b: Tensor): Tensor => matmul(expandDims(a, 2), expandDims(b, 1));
const asked = (matrix: Tensor, v: Tensor): Tensor =>
  reshape(matmul(expandDims(v, 1), matrix), [batch, matrix.shape[2] ?? 0]);
const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), 1, { keepDims: true });
const silu = (v: Tensor): Tensor => mul(v, sigmoid(v));
const softplus = (v: Tensor): Tensor => log(add(1, exp(v)));
const unit = (v: Tensor): Tensor => div(v, sqrt(add(dot(v, v), 1e-6)));
const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));
/** elu(x) + 1 */
const features = (v: Tensor): Tensor => where(greater(v, 0), add(v, 1), exp(v));
const affine = (p: Parameters, path: string, v: Tensor): Tensor =>
  add(matmul(v, p(`${path}.weight`)), p(`${path}.bias`));
const ofHead = (v: Tensor, head: number, own = size): Tensor => slice(v, 1, head * own, (head + 1) * own);
const rms = (p: Parameters, v: Tensor): Tensor =>
  mul(div(v, sqrt(add(div(dot(v, v), size), 1e-5))), p('output.norm.scale'));

const tokensOf = (x: Tensor): Tensor[] => Array.from({ length: time }, (_, t) => select(x, 1, t));
const allHeads = (read: (head: number) => Tensor): Tensor =>
  concat(
    Array.from({ length: heads }, (_, head) => read(head)),
    1,
  );

interface Projected {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
}

/** x W for queries, keys and values; with a kernel, silu of the last tokens' products, each with weights of its own. */
function projected(p: Parameters, tokens: readonly Tensor[], kernel = 0): Projected[] {
  const names = ['query', 'key', 'value'] as const;
  const products = tokens.map((x) =>
    concat(
      names.map((name) => matmul(x, p(`projection.${name}`))),
      1,
    ),
  );
  const mixed = products.map((own, t) => {
    if (kernel === 0) return own;
    const seen = products.slice(Math.max(0, t - kernel + 1), t + 1);
    const weights = seen.map((_, i) =>
      select(p('projection.convolution.weight'), 0, kernel - seen.length + i),
    );
    return silu(total(seen.map((product, i) => mul(product, weights[i] as Tensor))));
  });
  return mixed.map((all) => ({
    query: slice(all, 1, 0, width),
    key: slice(all, 1, width, 2 * width),
    value: slice(all, 1, 2 * width, 3 * width),
  }));
}

/** What all heads read at a token, normalized and opened by the gate of the output. */
const gatedOutput = (p: Parameters, x: Tensor, read: (head: number) => Tensor): Tensor =>
  affine(
    p,
    'output.output',
    mul(
      allHeads((head) => rms(p, read(head))),
      silu(matmul(x, p('output.gate.weight'))),
    ),
  );

/** A matrix of zeros a head, for each sequence. */
function zeroMatrices(x: Tensor): Tensor[] {
  const any = slice(select(x, 1, 0), 1, 0, size);
  return Array.from({ length: heads }, () => mul(outer(any, any), 0));
}

type Naive = (p: Parameters, x: Tensor) => Tensor;

/** Outputs and all gradients of a memory and of its naive form are the same. */
async function expectEqual<P, S>(memory: Memory<P, S>, naive: Naive): Promise<void> {
  const random = Random.fromSeed(4);
  const noisy = (tensor: TensorData, path: string): TensorData => {
    const noise = random.split(path);
    return new TensorData(
      'float32',
      tensor.shape,
      Float32Array.from(tensor.data, (v) => Number(v) + 0.3 * noise.normal()),
    );
  };
  const parameters = mapTree<Tree<TensorData>, TensorData, TensorData>(
    memory.init(Random.fromSeed(1)) as Tree<TensorData>,
    noisy,
  );
  const leaves = flattenTree<TensorData>(parameters);
  const run = async (form: Naive): Promise<Map<string, TensorData>> => {
    const results = await evaluateOnce(
      runtime,
      (x, ...given) => {
        const own = Object.fromEntries([...leaves.keys()].map((path, i) => [path, given[i] as Tensor]));
        const output = form((path) => own[path] ?? expect.fail(`There is no parameter ${path}.`), x);
        return { output, gradient: gradients(mul(sum(mul(output, output)), 0.1), { ...own, x }) };
      },
      initialize({ normal: 1 }, [batch, time, width], random.split('x')),
      ...leaves.values(),
    );
    return flattenTree(results as unknown as Tree<TensorData>);
  };
  const fast: Naive = (p, x) => {
    const own = mapTree<Tree<TensorData>, TensorData, Tensor>(parameters, (_, path) => p(path));
    return memory.read(own as never, x).output;
  };
  const [actual, expected] = [await run(fast), await run(naive)];
  for (const [path, value] of expected) expectClose(actual.get(path) as TensorData, value, path);
}

describe('delta-net', () => {
  const naive: Naive = (p, x) => {
    const tokens = tokensOf(x);
    const signals = projected(p, tokens, 3);
    const memories = zeroMatrices(x);
    const outputs = tokens.map((token, t) => {
      const { query, key, value } = signals[t] as Projected;
      const beta = sigmoid(affine(p, 'gates.rate', token));
      const step = softplus(affine(p, 'gates.decay.timeStep', token));
      const alpha = exp(mul(mul(exp(p('gates.decay.logRate')), -1), step));
      return gatedOutput(p, token, (head) => {
        const k = unit(ofHead(key, head));
        const kept = mul(memories[head] as Tensor, expandDims(ofHead(alpha, head, 1), 2));
        const error = sub(ofHead(value, head), asked(kept, k));
        const memory = add(kept, outer(k, mul(error, ofHead(beta, head, 1))));
        memories[head] = memory;
        return asked(memory, unit(ofHead(query, head)));
      });
    });
    return stack(outputs, 1);
  };

  it('is the gated delta rule behind its convolution, gates and norms', () =>
    expectEqual(new DeltaNet({ width, heads, chunk: 3, convolution: 3 }), naive));
});

describe('linear attention', () => {
  const gated: Naive = (p, x) => {
    const tokens = tokensOf(x);
    const signals = projected(p, tokens, 2);
    const memories = zeroMatrices(x);
    const outputs = tokens.map((token, t) => {
      const { query, key, value } = signals[t] as Projected;
      const logit = affine(p, 'gates.decay.up', matmul(token, p('gates.decay.down.weight')));
      const alpha = exp(div(log(sigmoid(logit)), 16));
      return gatedOutput(p, token, (head) => {
        const kept = mul(memories[head] as Tensor, expandDims(ofHead(alpha, head), 2));
        const memory = add(kept, outer(ofHead(key, head), ofHead(value, head)));
        memories[head] = memory;
        return asked(memory, ofHead(query, head));
      });
    });
    return stack(outputs, 1);
  };

  const plain: Naive = (p, x) => {
    const tokens = tokensOf(x);
    const signals = projected(p, tokens);
    const memories = zeroMatrices(x);
    const normalizers = memories.map((memory) => sum(memory, 2));
    const outputs = tokens.map((_, t) => {
      const { query, key, value } = signals[t] as Projected;
      const read = allHeads((head) => {
        const [q, k] = [features(ofHead(query, head)), features(ofHead(key, head))];
        const memory = add(memories[head] as Tensor, outer(k, ofHead(value, head)));
        const normalizer = add(normalizers[head] as Tensor, k);
        [memories[head], normalizers[head]] = [memory, normalizer];
        return div(asked(memory, q), dot(normalizer, q));
      });
      return affine(p, 'output.output', read);
    });
    return stack(outputs, 1);
  };

  it('fades channel by channel, behind its convolution, gates and norms', () =>
    expectEqual(new LinearAttention({ width, heads, chunk: 3, convolution: 2 }), gated));

  it('divides by its normalizer where it does not fade', () =>
    expectEqual(new LinearAttention({ width, heads, chunk: 3, gated: false }), plain));
});

describe('infini-attention', () => {
  const segment = 3;

  const naive =
    (update: 'linear' | 'delta'): Naive =>
    (p, x) => {
      const signals = projected(p, tokensOf(x));
      const memories = zeroMatrices(x);
      const normalizers = memories.map((memory) => sum(memory, 2));
      const recalled = (head: number, f: Tensor): Tensor =>
        div(asked(memories[head] as Tensor, f), add(dot(normalizers[head] as Tensor, f), 1e-6));
      const write = (head: number, keys: readonly Tensor[], values: readonly Tensor[]): void => {
        const fs = keys.map(features);
        const fresh = fs.map((f, i) =>
          update === 'delta' ? sub(values[i] as Tensor, recalled(head, f)) : (values[i] as Tensor),
        );
        memories[head] = total([memories[head] as Tensor, ...fs.map((f, i) => outer(f, fresh[i] as Tensor))]);
        normalizers[head] = total([normalizers[head] as Tensor, ...fs]);
      };
      const outputs = signals.map(({ query }, t) => {
        const first = segment * Math.floor(t / segment);
        const own = signals.slice(first, t + 1);
        const output = allHeads((head) => {
          const q = ofHead(query, head);
          const [keys, values] = [
            own.map(({ key }) => ofHead(key, head)),
            own.map(({ value }) => ofHead(value, head)),
          ];
          const powers = keys.map((k) => exp(div(dot(q, k), Math.sqrt(size))));
          const attended = div(total(values.map((v, i) => mul(v, powers[i] as Tensor))), total(powers));
          const share = sigmoid(slice(p('memoryShare'), 0, head, head + 1));
          return add(mul(share, recalled(head, features(q))), mul(sub(1, share), attended));
        });
        if (t === first + segment - 1) {
          for (let head = 0; head < heads; head++)
            write(
              head,
              own.map(({ key }) => ofHead(key, head)),
              own.map(({ value }) => ofHead(value, head)),
            );
        }
        return affine(p, 'output', output);
      });
      return stack(outputs, 1);
    };

  it.each(['linear', 'delta'] as const)('mixes its segment with what was written before it: %s', (update) =>
    expectEqual(new InfiniAttention({ width, heads, segment, update }), naive(update)),
  );
});

describe('titans', () => {
  const [chunk, learningRate] = [3, 0.1];

  const naive: Naive = (p, x) => {
    const tokens = tokensOf(x);
    const signals = projected(p, tokens, 2);
    const weights = zeroMatrices(x).map((zero, head) => add(zero, slice(p('network.0'), 0, head, head + 1)));
    const momenta = zeroMatrices(x);
    let anchors = [...weights];
    const outputs = tokens.map((token, t) => {
      if (t % chunk === 0) anchors = [...weights];
      const { query, key, value } = signals[t] as Projected;
      const gates = sigmoid(affine(p, 'gates', token));
      const [rate, momentum, forgetting] = [0, 1, 2].map((gate) => ofHead(gates, gate, heads)) as [
        Tensor,
        Tensor,
        Tensor,
      ];
      const own = (gate: Tensor, head: number): Tensor => expandDims(ofHead(gate, head, 1), 2);
      return gatedOutput(p, token, (head) => {
        const k = unit(ofHead(key, head));
        const error = sub(asked(anchors[head] as Tensor, k), ofHead(value, head));
        const gradient = mul(outer(k, error), 2); // of |M(k) - v|^2
        const step = mul(gradient, mul(own(rate, head), learningRate));
        const moved = sub(mul(momenta[head] as Tensor, own(momentum, head)), step);
        const learned = add(mul(weights[head] as Tensor, sub(1, own(forgetting, head))), moved);
        [momenta[head], weights[head]] = [moved, learned];
        return asked(learned, unit(ofHead(query, head)));
      });
    });
    return stack(outputs, 1);
  };

  it('descends a gradient with momentum and forgetting, at rates that tokens decide', () =>
    expectEqual(new Titans({ width, heads, depth: 1, chunk, learningRate, convolution: 2 }), naive));
});
