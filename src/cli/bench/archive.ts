// `mneme bench archive`, the store: how fast episodes are written, the archive is opened and questions are answered.
import type { Archive, ArchiveOptions, LongWork } from '../../archive/index.js';
import { openArchive, openStore, reindexArchive } from '../../archive/index.js';
import { EpisodeWriter } from '../../archive/bench/episodes.js';
import { fakeEmbedder } from '../../archive/fake-embedder.js';
import type { VectorStorage } from '../../archive/vector-index.js';
import { findVectorIndex } from '../../archive/vector-index.js';
import { throwIfAborted } from '../../core/abort.js';
import { median, rounded, timeMs, percentile } from './measure.js';

export interface StoreBenchOptions extends LongWork {
  /** A folder or the address of a database; empty. */
  readonly store: string;
  readonly episodes: number;
  readonly dimension: number;
  readonly questions: number;
}

export interface Latency {
  /** Of the first question after opening: vectors are read into memory, and statements are planned. */
  readonly firstMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface StoreReport {
  readonly store: 'pglite' | 'postgres';
  /** How the vectors are kept; `undefined` without any. */
  readonly vectors: VectorStorage | undefined;
  readonly episodes: number;
  readonly dimension: number;
  /** With vectors and words. */
  readonly recall: Latency & { readonly questions: number };
  /** Of the same archive opened without an embedder. */
  readonly recallByWords: Latency;
  /** Without an embedder, episodes a second. */
  readonly write: { readonly batchPerSecond: number; readonly singlePerSecond: number };
  /** From nothing open to ready, vectors included; median. */
  readonly openMs: number;
  /** Making all vectors' index: the time is the database's, the vectors cost nothing. */
  readonly reindexSeconds: number;
}

const batchSize = 1000;
const singles = 300;
const openings = 5;
/** After so many questions what the first one had read in the background is there. */
const warmUps = 200;

/** Fills an empty store, indexes it and asks it. */
export async function benchStore(options: StoreBenchOptions): Promise<StoreReport> {
  const { store, episodes, dimension, questions } = options;
  const writer = new EpisodeWriter(1);
  const write = await withOpened({ store }, (archive) => measureWriting(archive, writer, options));
  const embedder = fakeEmbedder({ name: 'bench', dimension });
  const reindexMs = await timeMs(() => reindexArchive({ store, embedder }, options));
  const openMs = await measureOpening({ store, embedder });
  const recall = await withOpened({ store, embedder }, (archive) => measureRecall(archive, writer, options));
  const recallByWords = await withOpened({ store }, (archive) => measureRecall(archive, writer, options));
  return {
    ...(await storeKind(store)),
    episodes,
    dimension,
    recall: { ...recall, questions },
    recallByWords,
    write,
    openMs,
    reindexSeconds: rounded(reindexMs / 1000),
  };
}

async function withOpened<T>(options: ArchiveOptions, work: (archive: Archive) => Promise<T>): Promise<T> {
  const archive = await openArchive(options);
  return work(archive).finally(() => archive.close());
}

async function storeKind(store: string): Promise<Pick<StoreReport, 'store' | 'vectors'>> {
  const database = await openStore(store);
  const index = await findVectorIndex(database).finally(() => database.close());
  return { store: database.kind, vectors: index?.storage };
}

/** Single writes are timed on the full store. */
async function measureWriting(
  archive: Archive,
  writer: EpisodeWriter,
  { episodes, onProgress, signal }: StoreBenchOptions,
): Promise<StoreReport['write']> {
  let batchMs = 0;
  for (let done = 0; done < episodes; done += batchSize) {
    throwIfAborted(signal);
    const batch = writer.next(Math.min(batchSize, episodes - done));
    batchMs += await timeMs(() => archive.rememberAll(batch));
    onProgress?.({ phase: 'store', done, total: episodes });
  }
  const rest = writer.next(singles);
  const singleMs = await timeMs(async () => {
    for (const episode of rest) await archive.remember(episode);
  });
  return {
    batchPerSecond: rounded((1000 * episodes) / batchMs),
    singlePerSecond: rounded((1000 * singles) / singleMs),
  };
}

async function measureOpening(options: ArchiveOptions): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < openings; i++) {
    let archive: Archive | undefined;
    times.push(await timeMs(async () => (archive = await openArchive(options))));
    await archive?.close();
  }
  return rounded(median(times));
}

async function measureRecall(
  archive: Archive,
  writer: EpisodeWriter,
  { questions, onProgress, signal }: StoreBenchOptions,
): Promise<Latency> {
  const firstMs = rounded(await timeMs(() => archive.recall(writer.question())));
  for (let i = 0; i < warmUps; i++) await archive.recall(writer.question());
  const times: number[] = [];
  for (let i = 0; i < questions; i++) {
    throwIfAborted(signal);
    const question = writer.question();
    times.push(await timeMs(() => archive.recall(question)));
    onProgress?.({ phase: 'ask', done: i + 1, total: questions });
  }
  return { firstMs, p50Ms: rounded(percentile(times, 0.5)), p95Ms: rounded(percentile(times, 0.95)) };
}
