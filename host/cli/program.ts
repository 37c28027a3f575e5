import { Command } from 'commander';
import { cosmicVersion } from '../runs/manifest.js';
import { collectiveCommand } from './collective.js';
import { compareCommand } from './compare.js';
import { doctorCommand } from './doctor.js';
import { explainCommand } from './explain.js';
import { exportCommand } from './export.js';
import { reportFailure } from './failure.js';
import { importCommand } from './import.js';
import { mergeCommand } from './merge.js';
import { note, printText } from './output.js';
import { proveCommand } from './prove.js';
import { psaCommand } from './psa.js';
import { reportCommand } from './report.js';
import { searchCommand } from './search.js';
import { simulateCommand } from './simulate.js';
import { startCommand } from './start.js';
import { studyCommand } from './study.js';
import { sweepCommand } from './sweep.js';
import { validateCommand } from './validate.js';

const EXIT_CODES = `
Exit codes:
  0    success
  1    a check failed, or a defect of cosmic itself
  2    bad input, or no place to write (file, stdout): one error and its remedy
  130  ended by Ctrl-C (SIGINT) or SIGTERM: what was done is saved; see --resume`;

function buildProgram(): Command {
  const program = new Command('cosmic')
    .description('Full-stack co-design of distributed machine-learning systems, evaluated by the million.')
    .version(cosmicVersion)
    .addHelpText('after', EXIT_CODES);
  const commands = [
    startCommand(),
    simulateCommand(),
    collectiveCommand(),
    searchCommand(),
    sweepCommand(),
    proveCommand(),
    mergeCommand(),
    compareCommand(),
    reportCommand(),
    explainCommand(),
    exportCommand(),
    importCommand(),
    studyCommand(),
    psaCommand(),
    validateCommand(),
    doctorCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  takeOverErrors(program);
  return program;
}

/** Commander is to throw, not to print and exit, in every command; help goes the way of all output. */
function takeOverErrors(command: Command): void {
  const writeErr = (text: string) => note(text.trimEnd());
  command.exitOverride().configureOutput({ outputError: () => {}, writeOut: printText, writeErr });
  for (const child of command.commands) takeOverErrors(child);
}

/**
 * Runs a command to its end: what it has to say goes to stdout and stderr, its exit code to `process.exitCode`.
 *
 * @param args as behind `cosmic`
 * @example
 * await runCommand(['psa', 'count', 'cosmic-full']);
 */
export async function runCommand(args: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    reportFailure(error, args.includes('--json'));
  }
}
