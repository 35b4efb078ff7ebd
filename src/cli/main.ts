#!/usr/bin/env node
// The command line. Each verb is a file in commands/, which loads what it needs when it runs.
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
import { reportError } from './errors.js';
import { version } from './version.js';

const program = new Command('mneme')
  .description('Language models that remember: train, evaluate and use them.')
  .version(version())
  .showHelpAfterError('(mneme --help shows how it is used)');

/** Lets wrong use be thrown, in a verb and in the verbs below it, so that it ends with the right exit code. */
function throwing(command: Command): Command {
  command.commands.forEach(throwing);
  return command.copyInheritedSettings(program).exitOverride();
}

for (const verb of [
  start(),
  train(),
  tune(),
  evaluate(),
  answer(),
  translate(),
  summarize(),
  classify(),
  label(),
  generate(),
  chat(),
  read(),
  inspect(),
  score(),
  embed(),
  bench(),
  doctor(),
  remember(),
  recall(),
  forget(),
  archive(),
  serve(),
  mcp(),
])
  program.addCommand(throwing(verb));

// A reader that has seen enough, such as `head`, ends the verb.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  process.exitCode = reportError(error, process.argv.includes('--json'));
}
