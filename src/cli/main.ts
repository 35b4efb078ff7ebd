#!/usr/bin/env node
// The command line. Each verb is a file in commands/, which loads what it needs when it runs.
import { Command } from 'commander';
import { command as bench } from './commands/bench.js';
import { command as evaluate } from './commands/evaluate.js';
import { command as train } from './commands/train.js';
import { reportError } from './errors.js';
import { version } from './version.js';

const program = new Command('mneme')
  .description('Language models that remember: train, evaluate and use them.')
  .version(version())
  .showHelpAfterError('(mneme --help shows how it is used)');

for (const verb of [train(), evaluate(), bench()]) {
  program.addCommand(verb.exitOverride().copyInheritedSettings(program));
}

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  process.exitCode = reportError(error, process.argv.includes('--json'));
}
