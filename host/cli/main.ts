#!/usr/bin/env node
import { runCommand } from './program.js';

/** `cosmic … | head` closes our stdout early: that is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

await runCommand(process.argv.slice(2));
