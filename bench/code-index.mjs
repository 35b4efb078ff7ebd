// How many of the nearest vectors the search in memory finds, and how soon, beside comparing all of them in full.
// node bench/code-index.mjs [VECTORS] [QUESTIONS], after npm run build
import { CodeBlocks, codeQuery } from '../dist/archive/recall/code-blocks.js';
import { CodeIndex } from '../dist/archive/recall/code-index.js';
import { decodeVectors, encodeVector } from '../dist/archive/vector-codes.js';
import { Random } from '../dist/core/random.js';

const [vectors = 60_000, questions = 40] = process.argv.slice(2).map(Number);
const dimension = 384;
const asked = 64;
const random = Random.fromSeed(1);

const anyDirection = () => Float32Array.from({ length: dimension }, () => random.normal());
const words = Array.from({ length: 3000 }, anyDirection);
/** Words that are said often, and others seldom. */
const sumOfWords = () => {
  const sum = new Float32Array(dimension);
  for (let n = 0; n < 10; n++) {
    const word = words[Math.floor(words.length * random.uniform() ** 3)];
    for (let i = 0; i < dimension; i++) sum[i] += word[i];
  }
  return sum;
};
const ofLengthOne = (vector) => {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

for (const [name, make] of [
  ['sums of ten words', sumOfWords],
  ['random directions', anyDirection],
]) {
  const all = Array.from({ length: vectors }, () => ofLengthOne(make()));
  const index = new CodeIndex(new CodeBlocks(dimension));
  index.add(
    all.map((_, ordinal) => ordinal),
    decodeVectors(Buffer.concat(all.map(encodeVector)), dimension),
  );
  const found = new Map([10, asked].map((count) => [count, 0]));
  const milliseconds = [];
  for (let n = 0; n < questions; n++) {
    const question = ofLengthOne(make());
    const began = performance.now();
    const hits = new Set(index.search(codeQuery(question), asked).map(({ ordinal }) => ordinal));
    milliseconds.push(performance.now() - began);
    const similarities = all.map((vector) => dot(vector, question));
    const best = [...similarities.keys()].sort((a, b) => similarities[b] - similarities[a]);
    for (const count of found.keys())
      found.set(count, found.get(count) + best.slice(0, count).filter((i) => hits.has(i)).length / count);
  }
  const shares = [...found].map(([count, sum]) => `${(sum / questions).toFixed(3)} of the best ${count}`);
  console.log(
    `${name}: ${vectors} vectors, found ${shares.join(', ')}; ${median(milliseconds).toFixed(1)} ms`,
  );
}
