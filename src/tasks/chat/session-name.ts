// The names of sessions and of their branches: `monday@3` has all of `monday` up to turn 3, and goes on by itself. A name says
// what a branch grew from, so that exports, imports and other programs keep it without knowing of branches.
import type { SessionPart } from '../../archive/index.js';

const branchPattern = /^(?<parent>.+)@(?<turn>\d{1,9})(?:\.\d{1,6})?$/su;

/** The sessions whose turns belong to one, from the first on; the last is itself, and the others end where the next begins. */
export function lineageOf(session: string): readonly SessionPart[] {
  const { parent, turn } = branchPattern.exec(session)?.groups ?? {};
  if (parent === undefined) return [{ session }];
  const before = lineageOf(parent);
  const upTo = Number(turn);
  return [...before.slice(0, -1), { session: parent, upTo }, { session }];
}

/** The names of the same, from the first on. */
export const sessionsOf = (session: string): readonly string[] =>
  lineageOf(session).map((part) => part.session);

/** The number that the first turn of a session must at least have. */
export function firstTurnOf(session: string): number {
  const last = lineageOf(session).at(-2)?.upTo;
  return last === undefined ? 0 : last + 1;
}

/** A branch of `session` after a turn, under a name that is not taken. */
export function branchName(session: string, turn: number, isTaken: (name: string) => boolean): string {
  const name = `${session}@${turn}`;
  if (!isTaken(name)) return name;
  for (let n = 2; ; n++) if (!isTaken(`${name}.${n}`)) return `${name}.${n}`;
}

/** A session named by when it began, under a name that is not taken: `2026-03-02 10:15`. */
export function newSessionName(at: Date, isTaken: (name: string) => boolean): string {
  const name = at.toISOString().slice(0, 16).replace('T', ' ');
  if (!isTaken(name)) return name;
  for (let n = 2; ; n++) if (!isTaken(`${name} (${n})`)) return `${name} (${n})`;
}
