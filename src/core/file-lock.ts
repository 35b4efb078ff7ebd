// An exclusive claim among processes, made of files whose names say who claims. Knows nothing of Node or of what is locked.
import { StorageError } from './errors.js';
import type { FileLock } from './files.js';

/** What the lock asks of its surroundings. An owner names one run of one process: `<process id>-<start time>`. */
export interface LockHost {
  readonly owner: string;
  /** Whether that process still runs. A dead owner never comes back: the start time tells a reused id apart. */
  isAlive(owner: string): Promise<boolean>;
  /** Creates an empty file; `false` when it exists already. */
  createExclusive(path: string): Promise<boolean>;
  list(folder: string): Promise<readonly string[]>;
  remove(path: string): Promise<void>;
  wait(milliseconds: number): Promise<void>;
}

const polls = 20;
const pollMs = 10;

/**
 * Claims `path` by creating `path.<owner>`, then looks for other claims. Whoever creates second sees the first, so two
 * can never hold at once. Claims of dead owners are removed: nobody else ever uses their names, so removing one cannot
 * hit a living claim. Of several that claim together the first by name waits and wins; the others withdraw.
 *
 * @throws {StorageError} when a living process holds the lock
 */
export async function claimLock(host: LockHost, path: string): Promise<FileLock> {
  const mine = `${path}.${host.owner}`;
  if (!(await host.createExclusive(mine))) throw held(path, host.owner);
  try {
    for (let poll = 0; ; poll++) {
      const rival = await firstRival(host, path);
      if (rival === undefined) return { release: () => host.remove(mine) };
      if (rival < host.owner || poll === polls) throw held(path, rival);
      await host.wait(pollMs);
    }
  } catch (error) {
    await host.remove(mine);
    throw error;
  }
}

/** The living owner, other than this one, that comes first by name. */
async function firstRival(host: LockHost, path: string): Promise<string | undefined> {
  const slash = path.lastIndexOf('/');
  const prefix = `${path.slice(slash + 1)}.`;
  const folder = slash === -1 ? '.' : path.slice(0, Math.max(slash, 1));
  for (const name of await host.list(folder)) {
    const owner = name.slice(prefix.length);
    if (!name.startsWith(prefix) || owner === host.owner || !/^\d+-\d+$/.test(owner)) continue;
    if (await host.isAlive(owner)) return owner;
    await host.remove(`${path}.${owner}`);
  }
  return undefined;
}

function held(path: string, owner: string): StorageError {
  const pid = Number(owner.split('-')[0]);
  return new StorageError(
    `"${path}" is locked by process ${pid} (file "${path}.${owner}"). Wait until that process ends, stop it, or use another folder.`,
    { fields: { path, pid, lockFile: `${path}.${owner}` } },
  );
}
