// `mneme bench`: measures what Mneme does on this machine.
import { Command } from 'commander';
import type { EngineReport } from '../bench/engine.js';
import { command as archive } from './bench/archive.js';
import { command as babi } from './bench/babi.js';
import { command as encoder } from './bench/encoder.js';
import { command as locomo } from './bench/locomo.js';
import { command as memory } from './bench/memory.js';
import { command as recall } from './bench/recall.js';
import { command as segment } from './bench/segment.js';
import { command as serve } from './bench/serve.js';
import { command as stream } from './bench/stream.js';
import { command as tasks } from './bench/tasks.js';
import { wholeNumber } from '../options.js';
import { faint, formatCount, note, print, printJson, progressLine } from '../output.js';
import { withRuntime } from '../runtime.js';

interface EngineFlags {
  readonly rounds: number;
  readonly threads?: number;
  readonly json?: boolean;
}

export function command(): Command {
  const engine = new Command('engine')
    .description('Training steps of a GPT and a GRU against a bare matrix product, in turns.')
    .option('--rounds <n>', 'how often each one runs', wholeNumber(1), 12)
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .action(runEngine);
  return new Command('bench')
    .description('Measure what Mneme does on this machine.')
    .addCommand(engine)
    .addCommand(archive())
    .addCommand(babi())
    .addCommand(encoder())
    .addCommand(locomo())
    .addCommand(memory())
    .addCommand(recall())
    .addCommand(segment())
    .addCommand(serve())
    .addCommand(stream())
    .addCommand(tasks());
}

async function runEngine(flags: EngineFlags): Promise<void> {
  const { benchEngine } = await import('../bench/engine.js');
  const onProgress = (text: string): void => progressLine.update(() => `bench engine: ${text}`);
  const report = await withRuntime(flags, (runtime) =>
    benchEngine(runtime, { rounds: flags.rounds, onProgress }),
  );
  progressLine.clear();
  if (flags.json) return printJson(report);
  print(table(report));
  note(faint('Ratios were taken in one process, in turns; medians. Other work on the machine lowers them.'));
}

function table({ gemm, gpt, gru, eventLoopDelayP99Ms }: EngineReport): string {
  const rows = [
    ['', 'ms', 'GFLOP/s', 'of gemm', 'tokens/s'],
    [`gemm ${gemm.size}`, String(gemm.ms), String(gemm.gflops), '1', ''],
    [
      'GPT step',
      String(gpt.msPerStep),
      String(gpt.gflops),
      String(gpt.ofGemm),
      formatCount(gpt.tokensPerSecond),
    ],
    [
      'GRU step',
      String(gru.msPerStep),
      String(gru.gflops),
      String(gru.ofGemm),
      formatCount(gru.tokensPerSecond),
    ],
  ];
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(10) : cell.padStart(10))).join(''),
  );
  const gptLines = [
    `GPT: ${formatCount(gpt.parameters)} parameters, graph built in ${gpt.buildMs} ms, session in ${gpt.sessionMs} ms,`,
    `${formatCount(gpt.bytesCopiedPerStep)} bytes copied per step; event loop delay p99 ${eventLoopDelayP99Ms} ms.`,
  ];
  return [...lines, '', ...gptLines].join('\n');
}
