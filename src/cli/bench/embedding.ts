// `mneme bench archive`, the embedder: an encoder of MiniLM's sizes against a bare matrix product, in turns. Weights are random.
import type { Runtime } from '../../engine/runtime/runtime.js';
import { Random } from '../../core/random.js';
import { Encoder } from '../../models/encoder.js';
import { LoadedEncoder } from '../../tasks/embed/loaded-encoder.js';
import { gemm } from './contestants.js';
import { gflops, inTurns, median, rateRatio, rounded } from './measure.js';

export interface EmbeddingReport {
  readonly batch: number;
  readonly tokens: number;
  readonly textsPerSecond: number;
  readonly gflops: number;
  /** FLOP/s divided by that of a bare matrix product in the same round; median of the rounds. */
  readonly ofGemm: number;
}

/** all-MiniLM-L6-v2 */
const sizes = { vocabularySize: 30_522, width: 384, layers: 6, heads: 12, maxLength: 512 } as const;
const [batch, tokens] = [32, 128];

/** Per token and layer: 2 x 12 width^2 for the products with weights, 4 x tokens x width for scores and weighted sums. */
function embeddingFlops(): number {
  const { width, layers } = sizes;
  return batch * tokens * layers * (24 * width ** 2 + 4 * tokens * width);
}

/** @param rounds turns of the encoder and of the matrix product */
export async function benchEmbedding(
  runtime: Runtime,
  rounds: number,
  onProgress: (text: string) => void = () => undefined,
): Promise<EmbeddingReport> {
  const encoder = new Encoder(sizes);
  const random = Random.fromSeed(1);
  const settings = { pooling: 'mean', normalize: true } as const;
  const loaded = await LoadedEncoder.load(runtime, encoder, encoder.init(random), settings);
  const sequences = Array.from({ length: batch }, () =>
    Int32Array.from({ length: tokens }, () => random.integer(sizes.vocabularySize)),
  );
  const product = await gemm(runtime);
  const work = { name: 'embedding', flops: embeddingFlops(), run: () => loaded.read(sequences, tokens) };
  const times = await inTurns([product, work], rounds, (round) =>
    onProgress(`embedding, round ${round + 1} of ${rounds}`),
  );
  await loaded.dispose();
  await product.dispose();
  const ms = median(times.get(work.name) ?? []);
  return {
    batch,
    tokens,
    textsPerSecond: rounded((1000 * batch) / ms),
    gflops: rounded(gflops(work.flops, ms)),
    ofGemm: rounded(rateRatio(times, work, product)),
  };
}
