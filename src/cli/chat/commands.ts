// The commands within a conversation: what begins with a slash. Knows nothing of where lines come from.
import type { FullItem } from '../../archive/index.js';
import type { ChatWindow } from '../../tasks/chat/window/window.js';
import type { ChatShell } from './shell.js';
import { UsageError } from '../../core/errors.js';
import { describeWindow } from '../../tasks/chat/why.js';
import { writeToFile, writeToOutput } from '../write-lines.js';

/** Does something; `false` leaves. @param rest what follows the command */
type Run = (shell: ChatShell, rest: string) => Promise<boolean | void>;

/** @throws {UsageError} when it is neither empty nor the number of a turn */
function turnIn(rest: string): number | undefined {
  if (rest === '') return undefined;
  if (/^\d{1,9}$/.test(rest)) return Number(rest);
  throw new UsageError(`"${rest}" is not the number of a turn. /history shows them.`);
}

const withoutReasons = (window: ChatWindow): ChatWindow => ({
  ...window,
  parts: window.parts.map((part) => ({
    ...part,
    items: part.items.map((item) => {
      const { found: _found, ...rest } = item;
      return rest;
    }),
  })),
});

const itemLine = ({ id, time, text, speaker }: FullItem): string =>
  `${id}  ${time.slice(0, 10)}  ${speaker === undefined ? '' : `${speaker}: `}${text}`;

async function memory(shell: ChatShell, rest: string): Promise<void> {
  const { archive } = shell.setting;
  const { user } = shell.conversation;
  const isKnown = await archive.knows(user);
  const items = !isKnown
    ? []
    : rest === ''
      ? await archive.facts({ user })
      : (await archive.recall(rest, { user })).map(({ item }) => item);
  shell.show(items.length === 0 ? [shell.words.nothingHeld] : items.map(itemLine), {
    command: 'memory',
    items,
  });
}

async function forget(shell: ChatShell, rest: string): Promise<void> {
  if (rest === '') throw new UsageError(shell.words.forgetWhat);
  const words = rest.split(/\s+/u);
  const areIds = words.every((word) => /^\d+-\d+$/.test(word));
  const receipt = await shell.conversation.forget(areIds ? { ids: words } : { query: rest });
  shell.show([shell.words.erased(receipt.ids.length)], { command: 'forget', receipt });
}

async function exportTo(shell: ChatShell, path: string): Promise<void> {
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const line of shell.conversation.export()) {
      count++;
      yield `${line}\n`;
    }
  }
  if (path === '') return writeToOutput(lines());
  await writeToFile(path, lines());
  shell.show([shell.words.written(count, path)], { command: 'export', path, lines: count });
}

async function branch(shell: ChatShell, rest: string): Promise<void> {
  const turns = await shell.conversation.history();
  // Without a number, from before the last question: to ask something else instead.
  const lastQuestion = turns.findLastIndex(({ role }) => role === 'user');
  const from = turnIn(rest) ?? turns[lastQuestion - 1]?.turn ?? turns[0]?.turn ?? 0;
  shell.conversation = await shell.conversation.branch(from);
  await begin(shell, 'branch');
}

/** Says where the conversation stands. */
async function begin(shell: ChatShell, command: string): Promise<void> {
  const { session } = shell.conversation;
  const turns = (await shell.conversation.history()).length;
  const line = turns === 0 ? shell.words.begins(session) : shell.words.goesOn(session, turns);
  shell.show([line], { command, session, turns });
}

const runs: Readonly<Record<string, Run>> = {
  help: async (shell) => shell.show([shell.words.help], { command: 'help', help: shell.words.help }),
  quit: async () => false,
  async why(shell, rest) {
    const { window, lines } = await shell.conversation.why(turnIn(rest));
    shell.show(lines, { command: 'why', window });
  },
  async window(shell, rest) {
    const { window } = await shell.conversation.why(turnIn(rest));
    const plain = withoutReasons(window);
    shell.show(describeWindow(plain, shell.language), { command: 'window', window: plain });
  },
  memory,
  forget,
  export: exportTo,
  retry: (shell) => shell.answer((signal) => shell.conversation.regenerate({ signal })),
  branch,
  async history(shell) {
    const turns = await shell.conversation.history();
    const lines = turns.map(({ turn, role, text }) => `${turn}  ${role}: ${text}`);
    shell.show(lines, { command: 'history', session: shell.conversation.session, turns });
  },
  async sessions(shell) {
    const sessions = await shell.setting.archive.sessions(shell.conversation.user);
    const lines = sessions.map(
      ({ session, turns, lastAt }) => `${session}  ${turns}  ${lastAt.slice(0, 10)}`,
    );
    shell.show(lines, { command: 'sessions', sessions });
  },
  async new(shell) {
    shell.conversation = await shell.setting.open();
    await begin(shell, 'new');
  },
};

/** Takes one line. @returns whether to go on */
export async function takeLine(shell: ChatShell, line: string): Promise<boolean> {
  const text = line.trim();
  if (text === '') return true;
  let goesOn = true;
  await shell.guarded(async () => {
    const { name, rest = '' } = /^\/(?<name>[a-z]+)(?:\s+(?<rest>.*))?$/su.exec(text)?.groups ?? {};
    if (name === undefined) return shell.send(line);
    const run = Object.hasOwn(runs, name) ? runs[name] : undefined;
    if (run === undefined) throw new UsageError(shell.words.unknown(`/${name}`));
    goesOn = (await run(shell, rest)) !== false;
  });
  return goesOn;
}
