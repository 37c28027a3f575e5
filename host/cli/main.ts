#!/usr/bin/env node
import { reportFailure } from './failure.js';
import { lostOutput } from './output.js';
import { runCommand } from './program.js';

/** `cosmic … | head` closes our stdout early: that is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  reportFailure(lostOutput(error), false);
});

/** Who reads no notes and progress any more may still want the answer. */
process.stderr.on('error', () => {});

await runCommand(process.argv.slice(2));
