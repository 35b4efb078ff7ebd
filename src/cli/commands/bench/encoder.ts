// `mneme bench encoder`: how fast encoders pre-train, and what long inputs cost with local attention.
import { Command, Option } from 'commander';
import { wholeNumber } from '../../options.js';
import { faint, formatCount, note, print, printJson, progressLine } from '../../output.js';
import { withRuntime } from '../../runtime.js';

const parts = ['step', 'lengths', 'resident'] as const;

interface EncoderFlags {
  readonly only: readonly (typeof parts)[number][];
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly vocabularySize: number;
  readonly length: number;
  readonly tokens: number;
  readonly lengths: readonly number[];
  readonly window: number;
  readonly rounds: number;
  readonly threads?: number;
  readonly json?: boolean;
}

export function command(): Command {
  const numbers = (text: string): number[] => text.split(',').map((part) => wholeNumber(1)(part));
  return new Command('encoder')
    .description('Pre-training steps of an encoder against a bare matrix product, and long inputs.')
    .addOption(
      new Option(
        '--only <part...>',
        'some of the parts; resident, the peak memory of the longest input, wants a process of its own',
      )
        .choices(parts)
        .default(['step', 'lengths']),
    )
    .option('--width <n>', 'width of the encoder', wholeNumber(1), 256)
    .option('--layers <n>', 'blocks of the encoder', wholeNumber(1), 4)
    .option('--heads <n>', 'attention heads', wholeNumber(1), 4)
    .option('--vocabulary-size <n>', 'tokens that are told apart', wholeNumber(2), 8000)
    .option('--length <n>', 'tokens of a sequence with full attention', wholeNumber(1), 128)
    .option('--tokens <n>', 'tokens of a step with full attention', wholeNumber(1), 4096)
    .option('--lengths <list>', 'tokens of sequences with local attention', numbers, [1024, 8192])
    .option('--window <n>', 'neighbours that local attention sees', wholeNumber(2), 256)
    .option('--rounds <n>', 'how often each one runs', wholeNumber(1), 8)
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run({ only, json, length, lengths, threads, ...sizes }: EncoderFlags): Promise<void> {
  const { benchEncoderStep, benchLongInputs, benchResident } = await import('../../bench/encoder.js');
  const onProgress = (text: string): void => progressLine.update(() => `bench encoder: ${text}`);
  const options = { ...sizes, onProgress };
  const { step, long, resident } = await withRuntime({ threads }, async (runtime) => ({
    step: only.includes('step') ? await benchEncoderStep(runtime, options, length) : undefined,
    long: only.includes('lengths') ? await benchLongInputs(runtime, options, lengths) : undefined,
    resident: only.includes('resident')
      ? await benchResident(runtime, options, Math.max(...lengths))
      : undefined,
  }));
  progressLine.clear();
  if (json) return printJson({ ...(step && { step }), ...(long && { long }), ...(resident && { resident }) });
  if (step !== undefined) {
    const { msPerStep, tokensPerSecond, gflops, ofGemm } = step;
    print(
      `step with full attention: ${msPerStep} ms, ${formatCount(tokensPerSecond)} tokens/s, ${gflops} GFLOP/s, ${ofGemm} of gemm`,
    );
  }
  if (long !== undefined) {
    const times = Object.entries(long.microsecondsPerToken).map(([at, time]) => `${time} us at ${at} tokens`);
    print(`step with local attention, time per token: ${times.join(', ')}: ${long.growth}x`);
  }
  if (resident !== undefined)
    print(
      `${formatCount(resident.length)} tokens: at most ${formatCount(resident.peakResidentMegabytes)} MB`,
    );
  note(faint('Ratios were taken in one process, in turns; medians. Other work on the machine lowers them.'));
}
