#!/usr/bin/env node
// The command line as a process: its arguments, its streams, its exit code. Knows no verb.
import { runProgram } from './program.js';

// A reader that has seen enough, such as `head`, ends the verb.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2));
