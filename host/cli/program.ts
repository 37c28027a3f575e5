import { Command } from 'commander';
import { cosmicVersion } from '../runs/version.js';
import { COMMANDS } from './commands.js';
import { reportFailure } from './failure.js';
import { note, printText } from './output.js';

const EXIT_CODES = `
Exit codes:
  0    success
  1    a check failed, or a defect of cosmic itself
  2    bad input, or no place to write (file, stdout): one error and its remedy
  130  ended by Ctrl-C (SIGINT) or SIGTERM: what was done is saved; see --resume`;

/** Loads the commands that the arguments name; of the others there is what the list of commands shows. */
async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('cosmic')
    .description('Full-stack co-design of distributed machine-learning systems, evaluated by the million.')
    .version(cosmicVersion)
    .configureHelp({ subcommandTerm })
    .addHelpText('after', EXIT_CODES);
  for (const { name, description, load } of COMMANDS) {
    program.addCommand(args.includes(name) ? await load() : new Command(name).description(description));
  }
  takeOverErrors(program);
  return program;
}

/** How the list of commands writes one: `search [options] [space]`, and commander's own `help [command]`. */
function subcommandTerm(command: Command): string {
  const name = command.name();
  const usage = COMMANDS.find((entry) => entry.name === name)?.usage ?? command.usage();
  return `${name} ${usage}`.trim();
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
    const program = await buildProgram(args);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    reportFailure(error, args.includes('--json'));
  }
}
