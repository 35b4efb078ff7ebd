// Runs a script in a process of its own and kills it in the middle of its work.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Lets a script print lines of JSON until there are `count`, then kills it with -9.
 * @param script TypeScript, which Node 20 does not run; Vite, which the test runner brings, does
 * @returns what it printed
 */
export async function linesUntilKilled<Line>(
  script: string,
  environment: Readonly<Record<string, string>>,
  count: number,
): Promise<readonly Line[]> {
  const program = `import('vite').then(({ runnerImport }) => runnerImport(${JSON.stringify(script)}))`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Line[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    lines.push(JSON.parse(line) as Line);
    if (lines.length === count) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return lines;
}
