// Trains the small GPT with TensorFlow.js on its wasm backend, eagerly: tf.variableGrads and tf.train.adam.
// Where the backend's own gradient is missing or slow, a gradient of supported ops stands in; --plain keeps the slow ones.
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
import { loadTensorFlow } from './tfjs-threads.mjs';

const { model, flags, ...run } = readOptions(['plain']);
const { tf, threads } = await loadTensorFlow(run.threads);
const { batch, block, heads, layers, vocabulary, width } = model;
const headSize = width / heads;
const range = (n) => Array.from({ length: n }, (_, i) => i);

const list = parameterList(model);
const variables = list.map((parameter, i) =>
  tf.variable(tf.tensor(initialValues(parameter, i), parameter.shape), true, parameter.name),
);
const p = Object.fromEntries(list.map(({ name }, i) => [name, variables[i]]));

/** Rows of `table` at `ids`. The gradient of tf.gather needs UnsortedSegmentSum, which the wasm backend lacks. */
function lookUp(table, ids) {
  const operation = tf.customGrad((t) => ({
    value: tf.gather(t, ids),
    gradFunc: (dy) => tf.scatterND(ids.expandDims(1), dy, t.shape),
  }));
  return operation(table);
}

/** [rows, inner] x [inner, columns]. The backend multiplies transposed operands 20 times slower: transpose first. */
const product = tf.customGrad((a, b, save) => {
  save([a, b]);
  return {
    value: tf.matMul(a, b),
    gradFunc: (dy, [x, y]) => [tf.matMul(dy, tf.transpose(y)), tf.matMul(tf.transpose(x), dy)],
  };
});

/** Attention of one head, [block, headSize] each: the scores' softmax, kept for the gradient, and the output. */
function headForward(query, key, value, mask) {
  const scores = tf
    .matMul(query, tf.transpose(key))
    .mul(1 / Math.sqrt(headSize))
    .add(mask);
  const weights = tf.softmax(scores);
  return { weights, output: tf.matMul(weights, value) };
}

function headGradient(dOutput, [query, key, value], weights) {
  const dWeights = tf.matMul(dOutput, tf.transpose(value)).mul(weights);
  const dScores = dWeights.sub(weights.mul(dWeights.sum(1, true))).mul(1 / Math.sqrt(headSize));
  return [
    tf.matMul(dScores, key),
    tf.matMul(tf.transpose(dScores), query),
    tf.matMul(tf.transpose(weights), dOutput),
  ];
}

const rowOf = (x, row) => tf.slice(x, [row * block, 0], [block, x.shape[1]]);

/** The [block, headSize] parts of a head in [block, groups * width]: of query, key and value, or of one of them. */
const headParts = (x, head) =>
  range(x.shape[1] / width).map((group) =>
    tf.slice(x, [0, group * width + head * headSize], [block, headSize]),
  );

/**
 * Calls `compute(row, head, ...rows)` for each head of each row of the batch; `rows` are [block, columns] parts of
 * `inputs`. Joins the tensors it returns, one a group, into [batch * block, groups * width].
 * Rows are cut first and heads from them: the backend copies the whole tensor that it cuts from.
 */
function forEachHead(inputs, compute) {
  const joined = range(batch).map((row) => {
    const rows = inputs.map((x) => rowOf(x, row));
    const perHead = range(heads).map((head) => compute(row, head, ...rows));
    return tf.concat(
      perHead[0].flatMap((_, group) => perHead.map((tensors) => tensors[group])),
      1,
    );
  });
  return tf.concat(joined);
}

/**
 * Causal attention, [batch * block, 3 * width] to [batch * block, width], a head at a time: the backend multiplies
 * batches of matrices 20 times slower.
 */
function tunedAttention(fused, mask) {
  const operation = tf.customGrad((x, save) => {
    const kept = [];
    const value = forEachHead([x], (row, head, part) => {
      const { weights, output } = headForward(...headParts(part, head), mask);
      kept.push(weights);
      return [output];
    });
    save([x, ...kept]);
    const gradFunc = (dy, [input, ...weights]) =>
      forEachHead([dy, input], (row, head, dPart, part) =>
        headGradient(...headParts(dPart, head), headParts(part, head), weights[row * heads + head]),
      );
    return { value, gradFunc };
  });
  return operation(fused);
}

function plainAttention(fused, mask) {
  const [query, key, value] = tf
    .split(fused.reshape([batch, block, 3 * heads, headSize]).transpose([0, 2, 1, 3]), 3, 1)
    .map((part) => part.reshape([batch * heads, block, headSize]));
  const scores = tf
    .matMul(query, key, false, true)
    .mul(1 / Math.sqrt(headSize))
    .add(mask);
  const mixed = tf.matMul(tf.softmax(scores), value).reshape([batch, heads, block, headSize]);
  return mixed.transpose([0, 2, 1, 3]).reshape([batch * block, width]);
}

/** Mean cross-entropy in nats of [n, vocabulary] logits; one softmax serves the value and the gradient. */
function tunedCrossEntropy(logits, targets) {
  const operation = tf.customGrad((x, save) => {
    const probabilities = tf.softmax(x);
    save([probabilities]);
    const places = tf.stack([tf.range(0, targets.size, 1, 'int32'), targets], 1);
    const gradFunc = (dy, [q]) => q.sub(tf.oneHot(targets, vocabulary)).mul(dy.div(targets.size));
    return { value: tf.gatherND(probabilities, places).log().mean().neg(), gradFunc };
  });
  return operation(logits);
}

const plainCrossEntropy = (logits, targets) =>
  tf.losses.softmaxCrossEntropy(tf.oneHot(targets, vocabulary), logits);

const [multiply, mixHeads, crossEntropy] = flags.plain
  ? [tf.matMul, plainAttention, plainCrossEntropy]
  : [product, tunedAttention, tunedCrossEntropy];

const linear = (x, name) => multiply(x, p[`${name}.weight`]).add(p[`${name}.bias`]);

function layerNorm(x, name) {
  const { mean, variance } = tf.moments(x, -1, true);
  const standard = x.sub(mean).mul(variance.add(1e-5).rsqrt());
  return standard.mul(p[`${name}.weight`]).add(p[`${name}.bias`]);
}

const gelu = (x) => x.mul(0.5).mul(tf.erf(x.mul(Math.SQRT1_2)).add(1));

const attention = (x, name, mask) => linear(mixHeads(linear(x, `${name}.qkv`), mask), `${name}.output`);

/** Mean cross-entropy in nats; ids int32 [batch * block]. */
function loss(inputs, targets, mask) {
  const embedded = lookUp(p.tokens, inputs).reshape([batch, block, width]).add(p.positions);
  let x = embedded.reshape([batch * block, width]);
  for (let layer = 0; layer < layers; layer++) {
    const name = `blocks.${layer}`;
    x = x.add(attention(layerNorm(x, `${name}.norm1`), `${name}.attention`, mask));
    const up = linear(layerNorm(x, `${name}.norm2`), `${name}.feedForward.up`);
    x = x.add(linear(gelu(up), `${name}.feedForward.down`));
  }
  return crossEntropy(multiply(layerNorm(x, 'norm'), p.head), targets);
}

const optimizer = tf.train.adam(adamW.learningRate, adamW.beta1, adamW.beta2, adamW.epsilon);

/** Clips by global norm, decays the matrices, then lets the library's Adam move: together that is AdamW. */
function update(gradients) {
  const squares = Object.values(gradients).map((gradient) => gradient.square().sum());
  const scale = tf.minimum(tf.scalar(adamW.maxNorm).div(tf.addN(squares).sqrt()), 1);
  for (const variable of variables) {
    if (variable.rank > 1) variable.assign(variable.mul(1 - adamW.learningRate * adamW.weightDecay));
  }
  optimizer.applyGradients(
    Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, gradient.mul(scale)])),
  );
}

const tokens = tokenBatch(model);
const inputs = tf.tensor1d(tokens.inputs, 'int32');
const targets = tf.tensor1d(tokens.targets, 'int32');
const mask = tf.tidy(() =>
  tf.linalg
    .bandPart(tf.ones([block, block]), -1, 0)
    .sub(1)
    .mul(1e9),
);

const result = await train(run, () =>
  tf.tidy(() => {
    const { value, grads } = tf.variableGrads(() => loss(inputs, targets, mask), variables);
    update(grads);
    return value.dataSync()[0];
  }),
);

const square = tf.ones([1024, 1024]);
const gemm = await gemmGflops(() => {
  const answer = tf.matMul(square, square);
  answer.dataSync();
  answer.dispose();
});
const peer = flags.plain ? 'TensorFlow.js wasm, plain' : 'TensorFlow.js wasm';
report({ peer, version: pinnedVersion('@tensorflow/tfjs-backend-wasm'), threads, model, ...result, gemm });
process.exit(0); // its worker threads would keep the process alive
