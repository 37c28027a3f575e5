import { Command, Option } from 'commander';
import { formatError, formatNumber, plural } from '../display/format.js';
import type { CaseGroup, CaseResults } from '../validate/cases.js';
import { validateCollectives, validateCollectivesOnGpu } from '../validate/collectives.js';
import type { Errors } from '../validate/statistics.js';
import { validateWorkloads, validateWorkloadsOnGpu } from '../validate/workloads.js';
import { addErrorOptions, type ErrorOptions, printResults } from './errorOptions.js';
import type { Column } from './fitColumns.js';
import { formatTable, left, right } from './table.js';

/** Failures that are printed; --json has all. */
const LISTED = 10;

const COLUMNS: readonly Column[] = [
  right('cases'),
  right('exact'),
  right('median rel. error'),
  right('mean rel. error'),
  right('max rel. error'),
];

function cells({ cases, exact, medianRelError, meanAbsRelError, maxRelError }: Errors): string[] {
  const errors = [medianRelError, meanAbsRelError, maxRelError].map(formatError);
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
    .map(({ id, expected, got, relError }) => [id, String(expected), String(got), formatError(relError)]);
  const title = `not exact: ${failures.length}${failures.length > LISTED ? `, the worst ${LISTED} of them` : ''}`;
  return [
    '',
    title,
    formatTable([left('run'), right('ASTRA-sim, ns'), right('cosmic, ns'), right('rel. error')], rows),
  ];
}

function intro(path: string, { cases, exact }: CaseResults, backend: string): string[] {
  return [
    `${path}: ${plural(cases, 'run')} of ASTRA-sim, ${formatNumber(exact)} exact to the nanosecond (${backend})`,
    '',
  ];
}

/** Why runs do not finish, where some are predicted not to. */
function stopLines({ stops }: CaseResults): string[] {
  if (stops.length === 0) return [];
  const rows = stops.map(({ reason, cases }) => [reason, formatNumber(cases)]);
  return ['', formatTable([left('predicted not to finish'), right('runs')], rows)];
}

/** What a file may leave out. */
function further(title: string, results: CaseResults): string[] {
  return results.cases === 0 ? [] : ['', table(title, results.groups, results)];
}

const COLLECTIVES_EXAMPLE = `
Example:
  cosmic validate collectives test/data/astra-sim/collectives.json --backend webgpu --max-error 0`;

const WORKLOADS_EXAMPLE = `
Example:
  cosmic validate workloads test/data/astra-sim/workloads.json --max-error 0.05 --mean-error 0.01`;

interface BackendOptions extends ErrorOptions {
  readonly backend: 'cpu' | 'webgpu';
}

function backendOption(description: string): Option {
  return new Option('--backend <name>', description).choices(['cpu', 'webgpu']).default('cpu');
}

/** `validate collectives`: single collectives of the astra-sim profile. */
export function collectivesCommand(): Command {
  const command = new Command('collectives')
    .description("Compare the astra-sim profile's collectives with runs of the program, in whole nanoseconds.")
    .argument('<file>', 'JSON list of runs, as in test/data/astra-sim/collectives.json')
    .addOption(backendOption('the CPU, or WebGPU'));
  return addErrorOptions(command)
    .addHelpText('after', COLLECTIVES_EXAMPLE)
    .action(async (path: string, options: BackendOptions) => {
      const results =
        options.backend === 'webgpu'
          ? await validateCollectivesOnGpu(path)
          : { ...validateCollectives(path), backend: 'cpu, f64' };
      printResults(results, options, () => [
        ...intro(path, results, results.backend),
        table('collective, algorithms, dimensions', results.groups, results),
        ...stopLines(results),
        ...failureLines(results),
      ]);
    });
}

/** `validate workloads`: training steps of the astra-sim profile. */
export function workloadsCommand(): Command {
  const command = new Command('workloads')
    .description("Compare the astra-sim profile's training steps, compute times and memory with runs of the program.")
    .argument('<file>', 'JSON list of runs, as in test/data/astra-sim/workloads.json')
    .addOption(backendOption('all on the CPU, or steps of one micro-batch on WebGPU'));
  return addErrorOptions(command)
    .addHelpText('after', WORKLOADS_EXAMPLE)
    .action(async (path: string, options: BackendOptions) => {
      if (options.backend === 'webgpu') {
        const results = await validateWorkloadsOnGpu(path);
        printResults(results, options, () => [
          ...intro(path, results, results.backend),
          table('step time', results.groups, results),
          ...stopLines(results),
          ...failureLines(results),
        ]);
        return;
      }
      const results = validateWorkloads(path);
      printResults(results, options, () => [
        ...intro(path, results, 'cpu, f64'),
        table('step time', results.groups, results),
        ...further('compute time of an NPU', results.compute),
        ...further('printed memory of a stage, GiB', results.memory),
        ...stopLines(results),
        ...failureLines(results),
      ]);
    });
}
