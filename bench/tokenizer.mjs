// Measures how fast a tokenizer trains, encodes and decodes. After `npm run build`:
// node bench/tokenizer.mjs FILE [VOCABULARY_SIZE] [byte-level-bpe | word-piece | unigram | word]
import { readFileSync } from 'node:fs';
import { trainBpe, trainUnigram, trainWordPiece, trainWordTokenizer } from '../dist/text/index.js';

const [path, vocabularySize = '4096', kind = 'byte-level-bpe'] = process.argv.slice(2);
const trainers = {
  'byte-level-bpe': trainBpe,
  'word-piece': trainWordPiece,
  unigram: trainUnigram,
  word: trainWordTokenizer,
};
const text = readFileSync(path, 'utf8');
const lines = text.match(/[^\n]*\n|[^\n]+$/g);
const megabytes = Buffer.byteLength(text) / 1e6;

/** The shortest of several runs, in seconds: what the machine can do when nothing else runs on it. */
async function best(run, runs) {
  let shortest = Infinity;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await run();
    shortest = Math.min(shortest, (performance.now() - start) / 1e3);
  }
  return shortest;
}

const train = () => trainers[kind](lines, { vocabularySize: Number(vocabularySize) });
const trainSeconds = await best(train, 3);
const tokenizer = await train();
// The first run meets every word for the first time; the others find most in the memory of words.
const firstSeconds = await best(() => tokenizer.encode(text), 1);
const againSeconds = await best(() => tokenizer.encode(text), 5);
const ids = tokenizer.encode(text);
const decodeSeconds = await best(() => tokenizer.decode(ids), 5);
const perSecond = (seconds) => Number((megabytes / seconds).toPrecision(3));

console.log(
  JSON.stringify({
    kind,
    megabytes,
    tokens: ids.length,
    trainSeconds: Number(trainSeconds.toPrecision(3)),
    encodeFirstMegabytesPerSecond: perSecond(firstSeconds),
    encodeAgainMegabytesPerSecond: perSecond(againSeconds),
    decodeMegabytesPerSecond: perSecond(decodeSeconds),
  }),
);
