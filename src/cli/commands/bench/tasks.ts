// `mneme bench tasks`: training steps of an encoder-decoder, beam search and BLEU.
import { Command } from 'commander';
import { wholeNumber } from '../../options.js';
import { formatCount, print, printJson, progressLine } from '../../output.js';
import { withRuntime } from '../../runtime.js';

interface TasksFlags {
  readonly rounds: number;
  readonly threads?: number;
  readonly json?: boolean;
}

export function command(): Command {
  return new Command('tasks')
    .description('A training step of an encoder-decoder against a bare matrix product, beam search, BLEU.')
    .option('--rounds <n>', 'how often each contestant runs', wholeNumber(1), 8)
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run(flags: TasksFlags): Promise<void> {
  const { benchTasks } = await import('../../bench/tasks.js');
  const onProgress = (text: string): void => progressLine.update(() => `bench tasks: ${text}`);
  const report = await withRuntime(flags, (runtime) =>
    benchTasks(runtime, { rounds: flags.rounds, onProgress }),
  );
  progressLine.clear();
  if (flags.json) return printJson(report);
  const { encoderDecoder: step, beamSearch: search, bleu } = report;
  print(
    `encoder-decoder of ${formatCount(step.parameters)} parameters: ${step.msPerStep} ms a step, ${step.gflops} GFLOP/s, ${step.ofGemm} of a bare matrix product`,
  );
  print(
    `beam search, ${search.beams} beams: ${search.texts} texts of ${search.tokensEach} tokens in ${search.seconds} s`,
  );
  print(`BLEU of ${formatCount(bleu.segments)} segments: ${bleu.seconds} s`);
}
