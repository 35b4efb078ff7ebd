// Trains the small GPT with jax-js on its wasm backend: one jitted step of forward, backward and AdamW.
// jax-js counts references: a value used again is passed as `x.ref`, the last use passes `x`.
import {
  adamW,
  gemmGflops,
  initialValues,
  parameterList,
  pinnedVersion,
  readOptions,
  report,
  tokenBatch,
  train,
} from './small-gpt.mjs';
import { installWebWorker } from './web-worker.mjs';

const { model, threads, ...run } = readOptions();
installWebWorker(threads); // before jax-js is loaded: it starts threads only where `Worker` exists
const { blockUntilReady, init, jit, nn, numpy: np, tree, valueAndGrad } = await import('@jax-js/jax');
await init('wasm');

const { batch, block, heads, layers, width } = model;
const list = parameterList(model);

const linear = (x, weight, bias) => np.matmul(x, weight).add(bias);
const layerNorm = (x, weight, bias) => nn.standardize(x, -1).mul(weight).add(bias);

// nn.dotProductAttention needs Iterator.prototype.map (Node >= 22), so attention is written out.
function attention(x, p, mask) {
  const fused = linear(x, p['attention.qkv.weight'], p['attention.qkv.bias']);
  const split = np.split(fused.reshape([batch, block, 3 * heads, width / heads]), 3, 2);
  const [query, key, value] = split.map((part) => part.transpose([0, 2, 1, 3])); // [batch, heads, block, size]
  const scores = np.matmul(query, np.matrixTranspose(key)).mul(1 / Math.sqrt(width / heads));
  const weights = nn.softmax(np.where(mask, scores, -1e9), -1);
  const mixed = np
    .matmul(weights, value)
    .transpose([0, 2, 1, 3])
    .reshape([batch * block, width]);
  return linear(mixed, p['attention.output.weight'], p['attention.output.bias']);
}

function feedForward(x, p) {
  const up = linear(x, p['feedForward.up.weight'], p['feedForward.up.bias']);
  const active = nn.gelu(up, { approximate: false });
  return linear(active, p['feedForward.down.weight'], p['feedForward.down.bias']);
}

/** Mean cross-entropy in nats; inputs and targets int32 [batch * block]. */
function loss(parameters, inputs, targets, one) {
  const p = Object.fromEntries(list.map(({ name }, i) => [name, parameters[i]]));
  // jit refuses a reshape as input of the scatter in take's gradient; a product that it cannot fold is accepted.
  const embedded = np.take(p.tokens, inputs, 0).mul(one);
  let x = embedded
    .reshape([batch, block, width])
    .add(p.positions)
    .reshape([batch * block, width]);
  const mask = np.tril(np.ones([block, block], { dtype: np.bool }));
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `blocks.${layer}.`;
    const part = Object.fromEntries(
      Object.entries(p).flatMap(([name, value]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
      ),
    );
    const attended = attention(layerNorm(x.ref, part['norm1.weight'], part['norm1.bias']), part, mask.ref);
    x = x.add(attended);
    const fed = feedForward(layerNorm(x.ref, part['norm2.weight'], part['norm2.bias']), part);
    x = x.add(fed);
  }
  mask.dispose();
  const logits = np.matmul(layerNorm(x, p['norm.weight'], p['norm.bias']), p.head);
  const picked = nn.logSoftmax(logits, -1).mul(nn.oneHot(targets, model.vocabulary));
  return picked.sum().div(-batch * block);
}

/** One AdamW update of a parameter; `correction1/2` are 1 - beta^step. */
function update({ parameter, gradient, first, second, correction1, correction2, decay }) {
  const { beta1, beta2, epsilon, learningRate } = adamW;
  const newFirst = first.mul(beta1).add(gradient.ref.mul(1 - beta1));
  const newSecond = second.mul(beta2).add(np.square(gradient).mul(1 - beta2));
  const size = np.sqrt(newSecond.ref.div(correction2)).add(epsilon);
  const move = newFirst.ref.div(correction1).div(size).mul(learningRate);
  return { parameter: parameter.mul(1 - learningRate * decay).sub(move), first: newFirst, second: newSecond };
}

const step = jit(({ parameters, first, second, inputs, targets, one, correction1, correction2 }) => {
  const [value, gradients] = valueAndGrad(loss)(tree.ref(parameters), inputs, targets, one);
  const squares = gradients.map((gradient) => np.square(gradient.ref).sum());
  const norm = np.sqrt(squares.reduce((a, b) => a.add(b)));
  const scale = np.minimum(np.array(adamW.maxNorm).div(norm), 1);
  const updated = gradients.map((gradient, i) =>
    update({
      parameter: parameters[i],
      gradient: gradient.mul(scale.ref),
      first: first[i],
      second: second[i],
      correction1: correction1.ref,
      correction2: correction2.ref,
      decay: list[i].shape.length > 1 ? adamW.weightDecay : 0,
    }),
  );
  for (const unused of [scale, correction1, correction2]) unused.dispose();
  return {
    value,
    parameters: updated.map(({ parameter }) => parameter),
    first: updated.map((u) => u.first),
    second: updated.map((u) => u.second),
  };
});

const tokens = tokenBatch(model);
const inputs = np.array(tokens.inputs);
const targets = np.array(tokens.targets);
let state = {
  parameters: list.map((parameter, i) => np.array(initialValues(parameter, i)).reshape(parameter.shape)),
  first: list.map(({ shape }) => np.zeros(shape)),
  second: list.map(({ shape }) => np.zeros(shape)),
};

const result = await train(run, async (number) => {
  const { value, ...next } = step({
    ...state,
    inputs: inputs.ref,
    targets: targets.ref,
    one: np.array(1),
    correction1: np.array(1 - adamW.beta1 ** number),
    correction2: np.array(1 - adamW.beta2 ** number),
  });
  state = next;
  await blockUntilReady(state);
  return (await value.data())[0];
});

const multiply = jit((a, b) => np.matmul(a, b));
const square = np.ones([1024, 1024]);
const gemm = await gemmGflops(async () => {
  const product = multiply(square.ref, square.ref);
  await blockUntilReady(product);
  product.dispose();
});
report({ peer: 'jax-js wasm', version: pinnedVersion('@jax-js/jax'), threads, model, ...result, gemm });
process.exit(0); // its worker threads would keep the process alive
