// Starts Mneme's command and Python's scripts and reads the JSON object they print. It knows nothing of what is measured.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const here = fileURLToPath(new URL('.', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** Runs a command and parses the JSON object that it prints. */
export async function jsonLine(command, args, cwd) {
  const { stdout } = await run(command, args, { cwd, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.slice(stdout.indexOf('{')));
}

/** What `npx mneme ARGUMENTS` prints, from the built command itself: npx might ask the registry. */
export async function mnemeJson(args) {
  const { bin } = JSON.parse(readFileSync(`${repository}package.json`, 'utf8'));
  if (!existsSync(repository + bin.mneme)) return { skipped: 'not built: run npm ci in the repository' };
  return jsonLine(process.execPath, [bin.mneme, ...args], repository);
}

/** What `pytorch.py ARGUMENTS` prints. @param python path of a Python that has torch */
export async function pytorchJson(python, args) {
  const missing = await run(python, ['-c', 'import torch']).then(
    () => false,
    () => true,
  );
  if (missing) return { skipped: `${python} has no torch: pip install torch, or --python PATH` };
  return jsonLine(python, ['pytorch.py', ...args], here);
}
