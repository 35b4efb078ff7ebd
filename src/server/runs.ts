// Run folders below a folder: what they are and what was measured, also while it is being measured. Knows no route.
import type { MetricsRecord } from '../checkpoint/index.js';
import type { RunsFolder } from './context.js';
import type { ServerEvent } from './event-stream.js';
import type { Run, RunDetail } from './schemas/runs.js';
import { holdsRun, readRun } from '../checkpoint/run-folder.js';
import { configFile, lockFile, metricsFile, tokenizerFile } from '../checkpoint/layout.js';
import { locate } from '../checkpoint/replace-together.js';
import { CheckpointError, NotFoundError } from '../core/errors.js';

/** A run counts as training when it is locked and was measured within so long. */
const recentMs = 10 * 60_000;

/** What is read of a run. */
const readFiles = [configFile, tokenizerFile, metricsFile] as const;

/** Whether everything that is read of a run lies below the folder: a link that leads out of it shows nothing. */
async function liesWithin({ files, path }: RunsFolder, name: string): Promise<boolean> {
  const root = await files.realPath(path);
  const run = `${path}/${name}`;
  const parts = await Promise.all(readFiles.map((file) => locate(files, run, file)));
  for (const part of [run, ...parts]) {
    if ((await files.info(part)) === undefined) continue;
    if (!(await files.realPath(part)).startsWith(`${root}/`)) return false;
  }
  return true;
}

async function namesOf(folder: RunsFolder): Promise<readonly string[]> {
  const { files, path } = folder;
  if ((await files.info(path))?.kind !== 'folder') return [];
  const names: string[] = [];
  for (const name of await files.list(path))
    if ((await holdsRun(files, `${path}/${name}`)) && (await liesWithin(folder, name))) names.push(name);
  return names;
}

/** @throws {NotFoundError} unless a folder of exactly that name lies there: a path that leads elsewhere is no name */
export async function runPath(folder: RunsFolder, name: string): Promise<string> {
  if ((await namesOf(folder)).includes(name)) return `${folder.path}/${name}`;
  throw new NotFoundError(`There is no run "${name.slice(0, 100)}". GET /v1/runs lists them.`);
}

async function summaryOf(
  { files, path }: RunsFolder,
  name: string,
  metrics: readonly MetricsRecord[],
): Promise<Run> {
  const measured = await files.info(`${path}/${name}/${metricsFile}`);
  const modifiedMs = measured?.modifiedMs ?? (await files.info(`${path}/${name}`))?.modifiedMs ?? 0;
  const isLocked = (await files.list(`${path}/${name}`)).some((file) => file.startsWith(`${lockFile}.`));
  return {
    name,
    updatedAt: new Date(modifiedMs).toISOString(),
    step: metrics.at(-1)?.step ?? null,
    training: isLocked && Date.now() - modifiedMs < recentMs,
  };
}

/** The one that was written last comes first. What cannot be read is left out. */
export async function listRuns(folder: RunsFolder): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (const name of await namesOf(folder)) {
    const metrics = await metricsOf(folder, name).catch((error: unknown) => {
      if (error instanceof CheckpointError) return undefined;
      throw error;
    });
    if (metrics !== undefined) runs.push(await summaryOf(folder, name, metrics));
  }
  return runs.sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
}

async function metricsOf({ files, path }: RunsFolder, name: string): Promise<readonly MetricsRecord[]> {
  return (await readRun(files, `${path}/${name}`)).metrics();
}

/** @throws {NotFoundError} when there is no such run */
export async function showRun(folder: RunsFolder, name: string): Promise<RunDetail> {
  const run = await readRun(folder.files, await runPath(folder, name));
  const metrics = await run.metrics();
  return { ...(await summaryOf(folder, name, metrics)), config: run.config, metrics };
}

/**
 * The records of a run as they are written, those that are there first. When a run that was stopped goes on from an earlier
 * step, an event `reset` comes and then all records anew.
 *
 * @param after leaves out records up to this step
 */
export async function* followRun(
  folder: RunsFolder,
  name: string,
  {
    after,
    pollMs,
    signal,
  }: { readonly after: number; readonly pollMs: number; readonly signal: AbortSignal },
): AsyncGenerator<ServerEvent> {
  const run = await readRun(folder.files, await runPath(folder, name));
  const file = `${run.path}/${metricsFile}`;
  let sent = 0;
  let bytes = -1;
  let last = '';
  while (!signal.aborted) {
    const size = (await folder.files.info(file))?.bytes ?? 0;
    if (size !== bytes) {
      const records = await run.metrics();
      const lines = records.map((record) => JSON.stringify(record));
      if (lines.length < sent || (sent > 0 && lines[sent - 1] !== last)) {
        yield { event: 'reset', data: {} };
        sent = 0;
      }
      for (const [i, line] of lines.entries())
        if (i >= sent && (records[i]?.step ?? 0) > after) yield { data: line };
      sent = lines.length;
      last = lines.at(-1) ?? '';
      bytes = size;
    }
    await pause(pollMs, signal);
  }
}

/** Waits, or less when the signal fires. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}
