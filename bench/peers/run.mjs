// Runs Mneme and every peer that is installed, one after another, and prints a table of tokens per second.
// It knows only the JSON lines they print. Options other than its own go on to the peers.
import { existsSync } from 'node:fs';
import { here, jsonLine, mnemeJson, pytorchJson } from './commands.mjs';

const usage = `node run.mjs [--python PATH] [--json] [options of the peers: --width 128 --steps 3 ...]`;

/** Own options, and the rest for the peers; a peer's option always has a value. */
function readArguments(argv) {
  const own = { python: process.env.PYTHON ?? 'python3', json: false, peers: [] };
  const rest = [...argv];
  while (rest.length > 0) {
    const name = rest.shift();
    if (name === '--help') own.help = true;
    else if (name === '--json') own.json = true;
    else if (name === '--python') own.python = rest.shift();
    else own.peers.push(name, rest.shift() ?? '');
  }
  return own;
}

/** Only these change the model; without them Mneme's own figure, of the default sizes, can stand beside. */
const sizes = ['--vocabulary', '--width', '--layers', '--heads', '--batch', '--block'];

/** What `npx mneme bench engine --json` prints. */
async function mneme({ peers }) {
  if (peers.some((option) => sizes.includes(option))) return { skipped: 'measures the default sizes only' };
  const { gpt, gemm, skipped } = await mnemeJson(['bench', 'engine', '--json']);
  if (skipped) return { skipped };
  if (!gpt?.tokensPerSecond) throw new Error('mneme bench engine --json has no gpt.tokensPerSecond');
  return { peer: 'Mneme', ...gpt, gemmGflops: gemm?.gflops };
}

const script =
  (file, needs) =>
  async ({ peers }) => {
    if (!existsSync(`${here}node_modules/${needs}`))
      return { skipped: 'not installed: run npm ci in bench/peers' };
    return jsonLine(process.execPath, [file, ...peers], here);
  };

const candidates = {
  Mneme: mneme,
  'TensorFlow.js wasm': script('tfjs-wasm.mjs', '@tensorflow/tfjs'),
  'jax-js wasm': script('jax-js-wasm.mjs', '@jax-js/jax'),
  PyTorch: ({ python, peers }) => pytorchJson(python, peers),
};

/** The line of a failed command's output that names the error, or its last line. */
function reason(error) {
  const lines = (error.stderr || error.message).trim().split('\n');
  const told = lines.filter((line) => !line.startsWith('npm warn'));
  return told.find((line) => /error|not found/i.test(line)) ?? told.at(-1);
}

async function measure(options) {
  const lines = [];
  for (const [peer, start] of Object.entries(candidates)) {
    process.stderr.write(`${peer} ...\n`);
    const line = await start(options).catch((error) => ({ skipped: `failed: ${reason(error)}` }));
    lines.push({ peer, ...line });
  }
  return lines;
}

const fixed = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '-');

/** One row a peer; `x Mneme` says how many times as fast Mneme is. */
function table(lines) {
  const own = lines.find(({ peer }) => peer === 'Mneme')?.tokensPerSecond;
  return lines
    .filter(({ skipped }) => !skipped)
    .map((line) => ({
      peer: line.peer,
      version: line.version ?? '-',
      threads: line.threads ?? '-',
      'tokens/s': fixed(line.tokensPerSecond, 0),
      'ms/step': fixed(line.msPerStep, 0),
      'GFLOP/s': fixed(line.gflops, 1),
      'bare matmul': fixed(line.gemmGflops, 1),
      'first loss': fixed(line.loss?.[0], 4),
      'last loss': fixed(line.loss?.at(-1), 4),
      'Mneme is': own === undefined ? '-' : `${fixed(own / line.tokensPerSecond, 2)} x`,
    }));
}

function print(rows) {
  const names = Object.keys(rows[0] ?? {});
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name]).length)));
  const line = (cells) =>
    cells
      .map((cell, i) => String(cell).padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  console.log([line(names), ...rows.map((row) => line(Object.values(row)))].join('\n'));
}

/** The peers start from the same weights and batch, so their first losses say whether they train the same model. */
function firstLossSpread(lines) {
  const losses = lines.filter(({ peer }) => peer !== 'Mneme').flatMap(({ loss }) => (loss ? [loss[0]] : []));
  return losses.length > 1 ? Math.max(...losses) - Math.min(...losses) : 0;
}

const options = readArguments(process.argv.slice(2));
if (options.help) {
  console.log(usage);
  process.exit(0);
}
const lines = await measure(options);
const spread = firstLossSpread(lines);
if (options.json) console.log(JSON.stringify({ peers: lines, firstLossSpread: spread }));
else {
  const rows = table(lines);
  if (rows.length > 0) print(rows);
  console.log(`first losses of the peers differ by ${spread.toExponential(1)}`);
  for (const { peer, skipped } of lines) if (skipped) console.log(`${peer}: ${skipped}`);
}
if (spread > 1e-3) {
  console.error('The peers do not train the same model: their first losses should agree within 1e-3.');
  process.exitCode = 1;
}
