import { Command } from 'commander';
import { CosmicError } from '../../psa/errors.js';
import { formatError, formatNumber, plural } from '../display/format.js';
import {
  type KernelErrors,
  type KernelGroup,
  type KernelResults,
  type LeastValue,
  validateKernels,
} from '../validate/kernels/kernels.js';
import { addErrorOptions, type ErrorOptions, nestedName, printResults } from './errorOptions.js';
import { repeatable } from './options.js';
import { formatTable, left, right } from './table.js';

interface KernelOptions extends ErrorOptions {
  readonly system?: string;
  readonly least: readonly LeastValue[];
}

const EXAMPLE = `
Examples:
  cosmic validate kernels test/data/kernels/gemm.csv --least m=64
  cosmic validate kernels test/data/kernels/attention-context.csv --least seq_tokens=1024`;

function leastValue(text: string): LeastValue {
  const [column = '', number = ''] = text.split('=');
  const value = Number(number);
  if (number.trim() !== '' && Number.isFinite(value)) return { column: column.trim(), value };
  throw new CosmicError('ARGUMENT', `--least is '${text}'`, { remedy: 'give a column and a number, such as m=64' });
}

/** `validate kernels`: products, attention and other kernels by themselves. */
export function kernelsCommand(): Command {
  const command = new Command('kernels')
    .description('Time kernels that were measured by themselves, each from its sizes and number format.')
    .argument('<file>', 'CSV file of kernels, as docs/kernels.md describes it')
    .option('--system <name>', 'the machine of all rows: a preset or a YAML file (default: presets by the column gpu)')
    .addOption(repeatable('--least <column=value>', 'leave out rows with less in this column; repeatable', leastValue));
  return addErrorOptions(command)
    .addHelpText('after', EXAMPLE)
    .action((file: string, { system, least, ...options }: KernelOptions) => {
      const results = validateKernels({ file, system, least });
      printResults(results, options, () => kernelLines(file, results));
    });
}

function cells({ cases, meanAbsRelError, medianRelError, p90RelError, maxRelError }: KernelErrors): string[] {
  return [formatNumber(cases), ...[meanAbsRelError, medianRelError, p90RelError, maxRelError].map(formatError)];
}

function groupRow(group: KernelGroup): string[] {
  return [nestedName(group), ...cells(group), formatError(group.worst.relError), group.worst.id];
}

function kernelLines(file: string, results: KernelResults): string[] {
  const { table, inexpressible, groups } = results;
  const columns = [
    left('gpu, precision, framework'),
    right('rows'),
    right('mean error', 2),
    ...['median', '90 %', 'worst', 'worst, signed'].map((heading) => right(heading)),
    left('its row'),
  ];
  const reasons = inexpressible.reasons.map(({ reason, cases }) => [reason, formatNumber(cases)]);
  return [
    `${file}: ${plural(results.cases, 'row')} of ${table} (cpu, f64)`,
    '',
    formatTable(columns, [...groups.map(groupRow), ['all', ...cells(results), '', '']]),
    '',
    'worst, signed: (predicted − measured) / measured.',
    ...(reasons.length === 0 ? [] : ['', formatTable([left('not expressible'), right('rows')], reasons)]),
  ];
}
