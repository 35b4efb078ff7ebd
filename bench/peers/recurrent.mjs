// Training steps of recurrent layers: Mneme and PyTorch in turns, and how many times as fast Mneme is.
// It knows only the JSON lines they print.
import { parseArgs } from 'node:util';
import { mnemeJson, pytorchJson } from './commands.mjs';

const usage = `node recurrent.mjs [--python PATH] [--hidden 256,512] [--kinds lstm,gru,rnn] [--rounds 5] [--threads 2]`;

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: process.env.PYTHON ?? 'python3' },
    hidden: { type: 'string', default: '256,512' },
    kinds: { type: 'string', default: 'lstm,gru,rnn' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(usage);
  process.exit(0);
}

/** One measurement of each, right after one another. */
async function round(kind, hidden) {
  const { python, threads } = options;
  const sizes = ['--width', hidden, '--threads', threads, '--rounds', '2'];
  const own = await mnemeJson(['bench', 'memory', '--only', 'steps', '--memory', kind, ...sizes, '--json']);
  const peer = await pytorchJson(python, ['--model', kind, '--hidden', hidden, '--threads', threads]);
  const skipped = own.skipped ?? peer.skipped;
  if (skipped) throw new Error(skipped);
  return { mneme: own[kind].tokensPerSecond, pytorch: peer.tokensPerSecond, version: peer.version };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

const rows = [];
for (const hidden of options.hidden.split(','))
  for (const kind of options.kinds.split(',')) {
    const rounds = [];
    for (let i = 0; i < Number(options.rounds); i++) rounds.push(await round(kind, hidden));
    const row = {
      kind,
      hidden: Number(hidden),
      mneme: Math.round(median(rounds.map(({ mneme }) => mneme))),
      pytorch: Math.round(median(rounds.map(({ pytorch }) => pytorch))),
      timesAsFast: Number(median(rounds.map(({ mneme, pytorch }) => mneme / pytorch)).toPrecision(3)),
    };
    process.stderr.write(`${JSON.stringify(row)}\n`);
    rows.push(row);
  }
console.log(JSON.stringify({ threads: Number(options.threads), tokensPerSecond: rows }));
