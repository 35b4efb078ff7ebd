// `mneme bench engine`: what the engine reaches of what the machine can do. Every ratio is taken in one process, in turns.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { Compiled } from './contestants.js';
import { gemm, gpt, gptSizes, gru, gruSizes } from './contestants.js';
import { gflops, inTurns, median, rateRatio, rounded } from './measure.js';

export interface EngineBenchOptions {
  /** How often each contestant runs. */
  readonly rounds: number;
  readonly onProgress?: (text: string) => void;
}

/** Milliseconds, rates and ratios of one training step. */
interface StepReport {
  readonly msPerStep: number;
  readonly tokensPerSecond: number;
  readonly gflops: number;
  /** FLOP/s divided by that of the bare matrix product in the same round; median of the rounds. */
  readonly ofGemm: number;
  /** Trace, differentiate, optimize and lower. */
  readonly buildMs: number;
  /** ONNX Runtime's preparation of the graph. */
  readonly sessionMs: number;
}

export interface EngineReport {
  readonly gemm: { readonly size: number; readonly ms: number; readonly gflops: number };
  readonly gpt: StepReport & {
    readonly parameters: number;
    readonly stepsPerCall: number;
    /** Bytes copied between JavaScript and the runtime, for each step. */
    readonly bytesCopiedPerStep: number;
  };
  readonly gru: StepReport;
  /** Delay of the event loop while everything above ran, 99th percentile. */
  readonly eventLoopDelayP99Ms: number;
}

const gemmSize = 1024;
const stepsPerCall = 8;

/** Times a bare matrix product against training steps of a GPT and of a GRU. */
export async function benchEngine(runtime: Runtime, options: EngineBenchOptions): Promise<EngineReport> {
  const progress = options.onProgress ?? (() => undefined);
  progress('compiling');
  const product = await gemm(runtime, gemmSize);
  const model = await gpt(runtime, stepsPerCall);
  const layer = await gru(runtime);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const contestants = [product, model, layer];
  const rounds = await inTurns(contestants, options.rounds, (round) =>
    progress(`round ${round + 1} of ${options.rounds}`),
  );
  delay.disable();
  const copied = await bytesCopied(runtime, model);
  for (const contestant of contestants) await contestant.dispose();

  const msOf = ({ name }: Compiled): number => median(rounds.get(name) ?? []);
  const report = (work: Compiled, steps: number, tokens: number): StepReport => {
    const ms = msOf(work);
    return {
      msPerStep: rounded(ms / steps, 4),
      tokensPerSecond: Math.round((1000 * tokens * steps) / ms),
      gflops: rounded(gflops(work.flops, ms)),
      ofGemm: rounded(rateRatio(rounds, work, product)),
      buildMs: Math.round(work.buildMs),
      sessionMs: Math.round(work.loadMs),
    };
  };
  return {
    gemm: {
      size: gemmSize,
      ms: rounded(msOf(product)),
      gflops: rounded(gflops(product.flops, msOf(product))),
    },
    gpt: {
      ...report(model, stepsPerCall, gptSizes.batch * gptSizes.block),
      parameters: model.parameters,
      stepsPerCall,
      bytesCopiedPerStep: Math.round(copied / stepsPerCall),
    },
    gru: report(layer, 1, gruSizes.batch * gruSizes.steps),
    eventLoopDelayP99Ms: rounded(delay.percentile(99) / 1e6),
  };
}

/** What one run copies, in both directions. */
async function bytesCopied(runtime: Runtime, work: Compiled): Promise<number> {
  const total = (): number => runtime.traffic.bytesIn + runtime.traffic.bytesOut;
  const before = total();
  await work.run();
  return total() - before;
}
