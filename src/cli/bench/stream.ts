// `mneme bench stream`: whether a session that reads on and on stays as fast and as small as it began.
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { GenerationSession } from '../../generate/index.js';
import { throwIfAborted } from '../../core/abort.js';
import { Random } from '../../core/random.js';
import { fastestChunk, LoadedDecoder } from '../../generate/index.js';
import { LanguageModel } from '../../models/language-model.js';
import { collectGarbage, median, rounded, timeMs } from './measure.js';

export interface StreamBenchOptions {
  readonly memory: string;
  readonly tokens: number;
  readonly width: number;
  readonly layers: number;
  /** How often both sessions read in turns for the time per token. Default: 400. */
  readonly rounds?: number;
  readonly onProgress?: (progress: StreamProgress) => void;
  /** Ends the measurement; nothing comes of it then. */
  readonly signal?: AbortSignal;
}

/** What is being done: reading before anything is measured, reading the text, and reading in turns for the time per token. */
export type StreamStage = 'warming up' | 'reading' | 'timing';

export interface StreamProgress {
  readonly stage: StreamStage;
  /** Read in this stage. */
  readonly tokens: number;
  /** To be read in this stage. */
  readonly totalTokens: number;
}

export interface StreamReport {
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly stateBytes: number;
  /** Of the whole process, garbage collected: after the first twentieth of the text, after the last, and after each in turn. */
  readonly residentMegabytes: {
    readonly start: number;
    readonly end: number;
    readonly along: readonly number[];
  };
  /** (end - start) / start */
  readonly residentGrowth: number;
  /** Microseconds per token of a session that has read a twentieth of the text, and of one that has read all of it, in turns. */
  readonly microsecondsPerToken: { readonly young: number; readonly old: number };
  /** Of old and young, in the same round; median of the rounds. */
  readonly timeRatio: number;
}

const vocabularySize = 256;
const heads = 4;
/** For memories with a bound, and for windows that are not said. */
const maxLength = 256;
/** Parts of the text between which memory is compared. */
const parts = 20;
/** Tokens that are read before anything is measured, as a share of the text: until the allocators have what they keep. */
const warmUpShare = 1;

/** Streams a text of random tokens through a model of this memory, chunk by chunk. @throws {AbortedError} when the signal fires */
export async function benchStream(
  runtime: Runtime,
  { memory, tokens, width, layers, rounds = 400, onProgress, signal }: StreamBenchOptions,
): Promise<StreamReport> {
  const size = { vocabularySize, width, layers, heads, maxLength };
  const model = new LanguageModel({ ...size, memory, position: 'none' });
  const decoder = await LoadedDecoder.load(runtime, model, model.init(Random.fromSeed(1)));
  const [old, young, first] = [
    await decoder.createSession(),
    await decoder.createSession(),
    await decoder.createSession(),
  ];
  const random = Random.fromSeed(2);
  const chunks = Math.ceil(tokens / fastestChunk);
  const tell = (stage: StreamStage, done: number, total: number): void => {
    throwIfAborted(signal);
    onProgress?.({ stage, tokens: done * fastestChunk, totalTokens: total * fastestChunk });
  };
  const warmUp = Math.ceil(chunks * warmUpShare);
  for (let chunk = 0; chunk < warmUp; chunk++) {
    await readChunk(chunk < chunks / parts ? young : first, random);
    tell('warming up', chunk + 1, warmUp);
  }
  const along: number[] = [];
  const began = performance.now();
  for (let part = 0; part < parts; part++) {
    for (let chunk = firstOf(part, chunks); chunk < firstOf(part + 1, chunks); chunk++) {
      await readChunk(old, random);
      tell('reading', chunk + 1, chunks);
    }
    collectGarbage();
    along.push(process.memoryUsage.rss() / 1e6);
  }
  const seconds = (performance.now() - began) / 1000;
  const pace = await inRounds(rounds, young, old, random, (round) => tell('timing', 2 * round, 2 * rounds));
  const [start = NaN, end = NaN] = [along[0], along.at(-1)];
  await decoder.dispose();
  return {
    tokens: chunks * fastestChunk,
    tokensPerSecond: Math.round((chunks * fastestChunk) / seconds),
    stateBytes: old.stateBytes(),
    residentMegabytes: {
      start: rounded(start, 4),
      end: rounded(end, 4),
      along: along.map((megabytes) => rounded(megabytes, 4)),
    },
    residentGrowth: rounded((end - start) / start),
    ...pace,
  };
}

/** The first chunk of a part of the text. */
const firstOf = (part: number, chunks: number): number => Math.floor((part * chunks) / parts);

/** Lets both sessions read in turns, so that a slow moment of the machine meets them both. */
async function inRounds(
  rounds: number,
  young: GenerationSession,
  old: GenerationSession,
  random: Random,
  onRound: (done: number) => void,
) {
  const times: { readonly young: number; readonly old: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Each goes first as often as the other.
    const order = round % 2 === 0 ? [young, old] : [old, young];
    const ms = new Map<GenerationSession, number>();
    for (const session of order) ms.set(session, await timeMs(() => readChunk(session, random)));
    times.push({ young: ms.get(young) ?? NaN, old: ms.get(old) ?? NaN });
    onRound(round + 1);
  }
  const perToken = (ms: readonly number[]): number => rounded((1000 * median(ms)) / fastestChunk);
  return {
    microsecondsPerToken: {
      young: perToken(times.map(({ young: ms }) => ms)),
      old: perToken(times.map(({ old: ms }) => ms)),
    },
    timeRatio: rounded(median(times.map((pair) => pair.old / pair.young))),
  };
}

function readChunk(session: GenerationSession, random: Random): Promise<Float32Array> {
  const ids = new Int32Array(fastestChunk);
  for (let i = 0; i < ids.length; i++) ids[i] = random.integer(vocabularySize);
  return session.prefill(ids);
}
