// Streams a long text through sentences and chunks. After `npm run build`: node bench/long-text.mjs FILE [MEGABYTES]
import { readFileSync } from 'node:fs';
import { streamChunks, streamSentences, trainBpe } from '../dist/text/index.js';

const [path, megabytes = '100'] = process.argv.slice(2);
const text = readFileSync(path, 'utf8');
const bytes = Number(megabytes) * 1e6;
const tokenizer = await trainBpe([text.slice(0, 1e6)], { vocabularySize: 4096 });

/** The file again and again, in pieces. */
async function* pieces() {
  for (let read = 0; read < bytes;) {
    for (let at = 0; at < text.length && read < bytes; at += 1 << 16) {
      const piece = text.slice(at, at + (1 << 16));
      read += Buffer.byteLength(piece);
      yield piece;
    }
  }
}

async function measure(name, items) {
  const start = performance.now();
  let [count, peak] = [0, 0];
  for await (const _ of items) {
    if (count++ % 1000 === 0) peak = Math.max(peak, process.memoryUsage().rss);
  }
  const seconds = Number(((performance.now() - start) / 1000).toPrecision(3));
  console.log(
    JSON.stringify({ name, megabytes: bytes / 1e6, count, seconds, peakMegabytes: Math.round(peak / 1e6) }),
  );
}

await measure('sentences', streamSentences(pieces()));
await measure('chunks', streamChunks(pieces(), tokenizer, { maxTokens: 512, overlapTokens: 64 }));
