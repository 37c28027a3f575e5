import { CommanderError } from 'commander';
import { CosmicError } from '../../psa/errors.js';
import { errorColors } from './colors.js';
import { EXIT } from './interrupt.js';
import { note, printJson } from './output.js';

/**
 * Tells of an error as a person wants to read it, and sets the exit code: three lines (error, place, remedy) and 2 for bad
 * input, a stack and 1 for a defect of our own. With `--json`, bad input is also an object on stdout.
 */
export function reportFailure(error: unknown, json: boolean): void {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return;
    // A command without its subcommand has shown its help: that says it all.
    if (error.code === 'commander.help') process.exitCode = EXIT.badInput;
    else reportBadInput(argumentError(error), json);
  } else if (error instanceof CosmicError) {
    reportBadInput(error, json);
  } else {
    note(`${errorColors.red('defect')}: ${error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = EXIT.failure;
  }
}

function reportBadInput(error: CosmicError, json: boolean): void {
  process.exitCode = EXIT.badInput;
  const place = error.place === '' ? 'the command line' : error.place;
  note(`${errorColors.red('error')}: ${error.message}\n  at:  ${place}\n  fix: ${error.remedy}`);
  if (!json) return;
  const { code, message, remedy, file, line } = error;
  try {
    printJson({ error: { code, message, file, line, remedy } });
  } catch {
    // Stdout takes nothing; stderr has said what is wrong.
  }
}

/** Commander's own complaints (unknown option, missing argument) in our form. */
function argumentError(error: CommanderError): CosmicError {
  const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new CosmicError('ARGUMENT', message, { remedy: 'add --help to the command to see its arguments and options' });
}
