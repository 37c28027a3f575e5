import type { Command } from 'commander';
import { CosmicError } from '../../psa/errors.js';
import type { NestedGroup } from '../validate/groups.js';
import type { Errors } from '../validate/statistics.js';
import { colors } from './colors.js';
import { EXIT } from './interrupt.js';
import { addJsonOption, type JsonOption } from './options.js';
import { print } from './output.js';

/** Options of commands that compare with known values. */
export interface ErrorOptions extends JsonOption {
  readonly maxError?: number;
  readonly meanError?: number;
}

/** A parser of relative errors for commander. */
function relativeError(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= 0 && Number.isFinite(value)) return value;
    throw new CosmicError('ARGUMENT', `${name} is '${text}'`, { remedy: 'give a number of at least 0, such as 0.02' });
  };
}

export function addErrorOptions(command: Command): Command {
  return addJsonOption(
    command
      .option('--max-error <x>', 'largest relative error that passes', relativeError('--max-error'))
      .option('--mean-error <x>', 'mean absolute relative error that passes', relativeError('--mean-error')),
  );
}

function passes({ maxRelError, meanAbsRelError }: Errors, { maxError, meanError }: ErrorOptions): boolean {
  return maxRelError <= (maxError ?? Infinity) && meanAbsRelError <= (meanError ?? Infinity);
}

/** A group's name below the one that it is within: what that is called, the lines above say. */
export function nestedName({ name, depth }: Pick<NestedGroup, 'name' | 'depth'>): string {
  return `${'  '.repeat(depth)}${name}`;
}

/** Prints what a validation came to; exit code 1 where an error exceeds what is allowed. */
export function printResults<Results extends Errors>(
  results: Results,
  options: ErrorOptions,
  lines: () => readonly string[],
): void {
  const passed = passes(results, options);
  print(
    options.json,
    () => ({ backend: 'cpu, f64', ...results, passed }),
    () => [...lines(), ...(passed ? [] : ['', colors.red('an error exceeds what is allowed')])],
  );
  if (!passed) process.exitCode = EXIT.failure;
}
