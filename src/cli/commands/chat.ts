// `mneme chat`: a conversation in the terminal that remembers the ones before.
import { Command, Option } from 'commander';
import type { Archive } from '../../archive/index.js';
import type { Conversation } from '../../tasks/chat/conversation.js';
import type { Generator } from '../../tasks/chat/generator.js';
import type { ChatLanguage } from '../../tasks/chat/message.js';
import type { ArchiveFlags } from '../archive.js';
import type { GeneratorFlags } from '../chat/generator.js';
import type { Interrupts } from '../chat/interrupts.js';
import { withGeneratorFlags } from '../chat/generator.js';
import { warnings, withArchive, withArchiveFlags } from '../archive.js';
import { indexFolder } from '../knowledge.js';
import { given } from '../../core/given.js';
import { number, wholeNumber } from '../options.js';
import { faint, note } from '../output.js';
import { surroundings } from '../surroundings.js';

interface ChatFlags extends ArchiveFlags, GeneratorFlags {
  readonly session?: string;
  readonly new?: boolean;
  readonly knowledge?: string;
  readonly system?: string;
  readonly profile?: string;
  readonly language?: ChatLanguage;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
}

export function command(): Command {
  const verb = new Command('chat')
    .description('Talk with a model that remembers earlier conversations, or with your documents.')
    .argument(
      '[run]',
      'run folder of a model trained here; without one and without --model, answers are quotations',
    )
    .option('--session <name>', 'the conversation to go on with or to begin (default: the last one)')
    .option('--new', 'begin a new conversation')
    .option('--knowledge <folder>', 'answer from these documents (Markdown, text, HTML, PDF), with citations')
    .option(
      '--system <text>',
      'what the model is told before everything else; kept with the conversation, "" takes it away',
    )
    .option('--profile <file>', 'a text that always stays in the window, such as what to know of the user')
    .addOption(
      new Option('--language <language>', 'of the interface (default: that of the message)').choices([
        'en',
        'zh',
      ]),
    )
    .option(
      '--max-tokens <n>',
      'most tokens of an answer (default: a quarter of the window, at most 1024)',
      wholeNumber(1),
    )
    .option('--temperature <t>', 'below 1 plainer, above 1 wilder, 0 always the likeliest', number(0))
    .option('--seed <n>', 'the same seed writes the same answers', wholeNumber(0))
    .addHelpText(
      'after',
      '\nFrom a file or a pipe, each line is a message; with --json each answer is one JSON object a line.',
    );
  return withArchiveFlags(withGeneratorFlags(verb)).action(run);
}

async function run(folder: string | undefined, flags: ChatFlags): Promise<void> {
  const { withGenerator } = await import('../chat/generator.js');
  const profile = await profileOf(flags);
  await withGenerator(folder, flags, (generator) =>
    withArchive(flags, (archive) => talk(archive, generator, profile, flags), { log: warnings }),
  );
}

/** `undefined` where neither is given: then what the conversation began from holds. */
async function profileOf({ system, profile }: ChatFlags): Promise<readonly string[] | undefined> {
  if (system === undefined && profile === undefined) return undefined;
  const { files } = await import('../../core/files.node.js');
  const texts = [system, profile === undefined ? undefined : await files.readText(profile)];
  return texts.flatMap((text) => (text === undefined || text.trim() === '' ? [] : [text.trim()]));
}

async function talk(
  archive: Archive,
  generator: Generator,
  profile: readonly string[] | undefined,
  flags: ChatFlags,
): Promise<void> {
  const { openConversation } = await import('../../tasks/chat/open-conversation.js');
  const { Interrupts: Interruptions } = await import('../chat/interrupts.js');
  const { ChatShell } = await import('../chat/shell.js');
  const { takeLine } = await import('../chat/commands.js');
  const { user, language, maxTokens, temperature, seed } = flags;
  const knowledge =
    flags.knowledge === undefined ? undefined : await indexFolder(archive, flags.knowledge, language ?? 'en');
  const open = (session?: string): Promise<Conversation> =>
    openConversation({
      archive,
      generator,
      answer: given({ maxTokens, temperature, seed }),
      ...given({ user, session, profile, knowledge, language }),
    });
  const last = flags.new ? undefined : (await archive.sessions(user))[0]?.session;
  const conversation = await open(flags.session ?? last);
  const interrupts = new Interruptions(() => note(faint(shell.words.again)));
  const shell = new ChatShell(
    { archive, interrupts, json: flags.json ?? false, language, open },
    conversation,
  );
  const turns = (await conversation.history()).length;
  const { session } = conversation;
  note(faint(turns === 0 ? shell.words.begins(session) : shell.words.goesOn(session, turns)));
  try {
    for await (const line of await linesTo(interrupts)) if (!(await takeLine(shell, line))) break;
  } finally {
    interrupts.end();
  }
  const io = surroundings();
  if (shell.failures > 0 && !io.stdin.isTTY) io.exitCode = 1;
}

async function linesTo(interrupts: Interrupts): Promise<AsyncIterable<string>> {
  if (surroundings().stdin.isTTY) return (await import('../chat/terminal.js')).typedLines(interrupts);
  return (await import('../lines.js')).linesOf('-');
}
