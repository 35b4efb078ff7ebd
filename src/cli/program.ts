// The command line as a function of its arguments. Each verb is a file in commands/, which loads what it needs when it runs.
import { Command } from 'commander';
import { command as answer } from './commands/answer.js';
import { command as archive } from './commands/archive.js';
import { command as bench } from './commands/bench.js';
import { command as chat } from './commands/chat.js';
import { command as classify } from './commands/classify.js';
import { command as doctor } from './commands/doctor.js';
import { command as embed } from './commands/embed.js';
import { command as evaluate } from './commands/evaluate.js';
import { command as forget } from './commands/forget.js';
import { command as generate } from './commands/generate.js';
import { command as inspect } from './commands/inspect.js';
import { command as label } from './commands/label.js';
import { command as mcp } from './commands/mcp.js';
import { command as read } from './commands/read.js';
import { command as recall } from './commands/recall.js';
import { command as remember } from './commands/remember.js';
import { command as score } from './commands/score.js';
import { command as serve } from './commands/serve.js';
import { command as start } from './commands/start.js';
import { command as summarize } from './commands/summarize.js';
import { command as train } from './commands/train.js';
import { command as translate } from './commands/translate.js';
import { command as tune } from './commands/tune.js';
import type { ExitCode } from './errors.js';
import { reportError } from './errors.js';
import type { Surroundings } from './surroundings.js';
import { surroundings, within } from './surroundings.js';
import { version } from './version.js';

const verbs = [
  start,
  train,
  tune,
  evaluate,
  answer,
  translate,
  summarize,
  classify,
  label,
  generate,
  chat,
  read,
  inspect,
  score,
  embed,
  bench,
  doctor,
  remember,
  recall,
  forget,
  archive,
  serve,
  mcp,
];

function createProgram(): Command {
  const { stdout, stderr } = surroundings();
  const program = new Command('mneme')
    .description('Language models that remember: train, evaluate and use them.')
    .version(version())
    .showHelpAfterError('(mneme --help shows how it is used)')
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
    })
    .exitOverride();
  /** Lets wrong use be thrown, in a verb and in the verbs below it, so that it ends with the right exit code. */
  const throwing = (command: Command): Command => {
    command.commands.forEach(throwing);
    return command.copyInheritedSettings(program);
  };
  for (const verb of verbs) program.addCommand(throwing(verb()));
  return program;
}

async function run(args: readonly string[]): Promise<ExitCode> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return surroundings().exitCode === 1 ? 1 : 0;
  } catch (error) {
    return reportError(error, args.includes('--json'));
  }
}

/**
 * Runs one command to its end. Whatever goes wrong is reported, and nothing is thrown.
 * @param args what follows `mneme` @param own in place of the process
 */
export function runProgram(args: readonly string[], own?: Surroundings): Promise<ExitCode> {
  return own === undefined ? run(args) : within(own, () => run(args));
}
