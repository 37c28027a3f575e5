import { Command } from 'commander';
import pc from 'picocolors';
import { CosmicError } from '../../psa/errors.js';
import type { CaseGroup, CaseResults } from '../validate/cases.js';
import { validateCollectives } from '../validate/collectives.js';
import type { Errors } from '../validate/report.js';
import { validateWorkloads } from '../validate/workloads.js';
import { formatNumber, plural } from './format.js';
import { EXIT } from './interrupt.js';
import { addJsonOption, type JsonOption } from './options.js';
import { type Column, formatTable, left, right } from './table.js';

interface AstraOptions extends JsonOption {
  readonly maxError?: number;
  readonly meanError?: number;
}

/** Failures that are printed; --json has all. */
const LISTED = 10;

/** A parser of relative errors for commander. */
function relativeError(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= 0 && Number.isFinite(value)) return value;
    throw new CosmicError('ARGUMENT', `${name} is '${text}'`, { remedy: 'give a number of at least 0, such as 0.02' });
  };
}

function addErrorOptions(command: Command): Command {
  return addJsonOption(
    command
      .option('--max-error <x>', 'largest relative error that passes', relativeError('--max-error'))
      .option('--mean-error <x>', 'mean absolute relative error that passes', relativeError('--mean-error')),
  );
}

function passes({ maxRelError, meanAbsRelError }: Errors, { maxError, meanError }: AstraOptions): boolean {
  return maxRelError <= (maxError ?? Infinity) && meanAbsRelError <= (meanError ?? Infinity);
}

function percent(error: number): string {
  return error === 0 ? '0' : `${(100 * error).toPrecision(2)} %`;
}

const COLUMNS: readonly Column[] = [
  right('cases'),
  right('exact'),
  right('median rel. error'),
  right('mean rel. error'),
  right('max rel. error'),
];

function cells({ cases, exact, medianRelError, meanAbsRelError, maxRelError }: Errors): string[] {
  const errors = [medianRelError, meanAbsRelError, maxRelError].map(percent);
  return [formatNumber(cases), formatNumber(exact), ...errors];
}

function table(heading: string, groups: readonly CaseGroup[], total: Errors): string {
  const rows = groups.map((group) => [group.group, ...cells(group)]);
  return formatTable([left(heading), ...COLUMNS], [...rows, ['all', ...cells(total)]]);
}

function failureLines({ failures }: CaseResults): string[] {
  if (failures.length === 0) return [];
  const rows = failures
    .slice(0, LISTED)
    .map(({ id, expected, got, relError }) => [id, String(expected), String(got), percent(relError)]);
  const title = `not exact: ${failures.length}${failures.length > LISTED ? `, the worst ${LISTED} of them` : ''}`;
  return [
    '',
    title,
    formatTable([left('run'), right('ASTRA-sim, ns'), right('cosmic, ns'), right('rel. error')], rows),
  ];
}

/** Prints what a validation came to; exit code 1 where an error exceeds what is allowed. */
function print<Results extends CaseResults>(results: Results, options: AstraOptions, lines: () => string[]): void {
  const passed = passes(results, options);
  const text =
    options.json === true
      ? JSON.stringify({ backend: 'cpu, f64', ...results, passed }, null, 2)
      : [...lines(), ...(passed ? [] : ['', pc.red('an error exceeds what is allowed')])].join('\n');
  process.stdout.write(`${text}\n`);
  if (!passed) process.exitCode = EXIT.failure;
}

function intro(path: string, { cases, exact }: CaseResults): string[] {
  return [
    `${path}: ${plural(cases, 'run')} of ASTRA-sim, ${formatNumber(exact)} exact to the nanosecond (cpu, f64)`,
    '',
  ];
}

/** `validate collectives`: single collectives of the astra-sim profile. */
export function collectivesCommand(): Command {
  const command = new Command('collectives')
    .description("Compare the astra-sim profile's collectives with runs of the program, in whole nanoseconds.")
    .argument('<file>', 'JSON list of runs, as in test/data/astra-sim/collectives.json');
  return addErrorOptions(command).action((path: string, options: AstraOptions) => {
    const results = validateCollectives(path);
    print(results, options, () => [
      ...intro(path, results),
      table('collective, algorithms, dimensions', results.groups, results),
      ...failureLines(results),
    ]);
  });
}

/** `validate workloads`: training steps of the astra-sim profile. */
export function workloadsCommand(): Command {
  const command = new Command('workloads')
    .description("Compare the astra-sim profile's training steps, compute times and memory with runs of the program.")
    .argument('<file>', 'JSON list of runs, as in test/data/astra-sim/workloads.json');
  return addErrorOptions(command).action((path: string, options: AstraOptions) => {
    const results = validateWorkloads(path);
    print(results, options, () => [
      ...intro(path, results),
      table('step time', results.groups, results),
      '',
      table('compute time of an NPU', results.compute.groups, results.compute),
      '',
      table('printed memory of a stage, GiB', results.memory.groups, results.memory),
      ...failureLines(results),
    ]);
  });
}
