import { basename } from 'node:path';
import { Command } from 'commander';
import { CosmicError } from '../../psa/errors.js';
import { writeAtomically } from '../disk/files.js';
import { formatError, formatNumber, plural } from '../display/format.js';
import type { CaseResults } from '../validate/cases.js';
import { crossValidate, type Fold } from '../validate/measured/crossValidation.js';
import type { RowGroup } from '../validate/measured/groups.js';
import {
  type MeasuredRequest,
  type MeasuredResults,
  prepareFile,
  validateMeasured,
} from '../validate/measured/measured.js';
import { validateMemory } from '../validate/measured/memory.js';
import type { MemoryGroup, MemoryResults, Verdicts } from '../validate/measured/memoryCases.js';
import { memoryEvidence } from '../validate/measured/memoryEvidence.js';
import { stepCases } from '../validate/measured/memorySteps.js';
import { type TrainingColumn, trainingColumns } from '../validate/measured/row.js';
import { addErrorOptions, type ErrorOptions, printResults } from './errorOptions.js';
import { repeatable } from './options.js';
import { Progress } from './progress.js';
import { formatTable, left, right } from './table.js';

interface MeasuredOptions extends ErrorOptions {
  readonly set: readonly string[];
  readonly by: readonly string[];
  readonly system?: string;
  readonly software?: string;
  readonly crossValidate?: boolean;
}

const EXAMPLE = `
Examples:
  cosmic validate measured test/data/measured/training.csv
  cosmic validate measured my-runs.csv --by tp --set 'network.bandwidthGBps[1]=12.5' --mean-error 0.1`;

const MEMORY_EXAMPLE = `
Example:
  cosmic validate memory test/data/measured/memory.csv --max-error 0.05`;

/** Rows with the largest errors that are printed; --json has all. */
const LISTED = 10;

/** `validate measured`: training steps of real clusters. */
export function measuredCommand(): Command {
  const command = new Command('measured')
    .description('Predict training steps that were measured on real clusters, each from its configuration alone.')
    .argument('<file>', 'CSV file of runs, as test/data/measured/README.md describes it')
    .addOption(repeatable('--by <column>', 'group by this column too, such as tp; repeatable'))
    .addOption(repeatable('--set <name=value>', 'override a parameter in every row; repeatable'))
    .option('--system <name>', 'the machine of all rows: a preset or a YAML file (default: presets by the column gpu)')
    .option('--software <name>', 'the framework of all rows: a preset or a YAML file (default: presets by its columns)')
    .option(
      '--cross-validate',
      'fit the constants of machines and frameworks anew without each source and each model, and test on it',
    );
  return addErrorOptions(command)
    .addHelpText('after', EXAMPLE)
    .action((file: string, options: MeasuredOptions) => {
      const { set, system, software } = options;
      const results = validateMeasured({ file, set, system, software, by: options.by.map(column) });
      const folds = options.crossValidate === true ? foldsOf({ file, set, system, software }) : undefined;
      const all = folds === undefined ? results : { ...results, crossValidation: folds };
      printResults(all, options, () => [
        ...measuredLines(file, results),
        ...(folds === undefined ? [] : foldLines(folds)),
      ]);
    });
}

function column(name: string): TrainingColumn {
  const known = trainingColumns.find((one) => one === name);
  if (known !== undefined) return known;
  throw new CosmicError('ARGUMENT', `--by is '${name}'`, { remedy: `use one of ${trainingColumns.join(', ')}` });
}

function foldsOf(request: MeasuredRequest): readonly Fold[] {
  const rows = prepareFile(request);
  let progress: Progress | undefined;
  const { folds } = crossValidate(rows, (done, all) => {
    progress ??= new Progress(all, 0, '', 'fits');
    progress.update(done, undefined);
  });
  progress?.stop();
  return folds;
}

function groupRow(one: RowGroup): string[] {
  const { group, depth, cases, inexpressible, meanAbsRelError, medianRelError, worst, spearman, regret, best } = one;
  // What a group is within is said by the lines above it.
  const name = depth === 0 ? group : group.split(', ').slice(-1)[0]!;
  const errors =
    worst === undefined
      ? ['-', '-', '-', '-']
      : [formatError(meanAbsRelError), formatError(medianRelError), formatError(worst.relError), worst.id];
  const missed = best?.regret ?? regret;
  return [
    `${'  '.repeat(depth)}${name}`,
    formatNumber(cases),
    inexpressible.rows === 0 ? '-' : formatNumber(inexpressible.rows),
    ...errors,
    spearman?.toFixed(3) ?? '-',
    missed === undefined ? '-' : formatError(missed),
  ];
}

function measuredLines(file: string, results: MeasuredResults): string[] {
  const columns = (heading: string) => [
    left(heading),
    right('rows'),
    right('not expressible', 0),
    right('mean error', 3),
    right('median', 2),
    right('worst', 2),
    left('worst row', 0),
    right('Spearman'),
    right('regret'),
  ];
  const assumptions = Object.entries(results.assumptions).map(([source, texts]) => [source, texts.join('; ')]);
  const notes = results.notes.map(({ id, note }) => [id, note]);
  return [
    `${file}: ${plural(results.cases, 'measured step')} (cpu, f64)`,
    '',
    formatTable(columns('source'), results.groups.map(groupRow)),
    '',
    'worst: (predicted − measured) / measured.',
    'regret: how much slower the run that is predicted to be the best was measured than the measured best: of runs that have',
    '  model, NPUs and batch in common, else the median over jobs (a model on so many NPUs) of at least five runs.',
    '',
    ...Object.entries(results.by).flatMap(([name, groups]) =>
      groups.length < 2 ? [] : [formatTable(columns(name), groups.map(groupRow)), ''],
    ),
    ...inexpressibleLines(results),
    `all rows: mean ${formatError(results.meanAbsRelError)}, median ${formatError(results.medianRelError)}, worst ${formatError(results.maxRelError)}`,
    ...alikeLines(results),
    '',
    'Assumed of machines and programs:',
    formatTable([left('source'), left('assumption')], assumptions),
    ...(notes.length === 0
      ? []
      : [
          '',
          'Left open by the source: the fastest that fits in memory:',
          formatTable([left('row'), left('taken')], notes),
        ]),
    '',
    ...worstLines(results, 's'),
  ];
}

function inexpressibleLines({ inexpressible: { rows, reasons } }: MeasuredResults): string[] {
  if (rows === 0) return [];
  const columns = [right('rows'), left('cannot be expressed'), left('such as')];
  return [
    formatTable(
      columns,
      reasons.map(({ reason, rows: count, example }) => [formatNumber(count), reason, example]),
    ),
    '',
  ];
}

function alikeLines({ sourcesAlike: { sources, meanAbsRelError, medianRelError } }: MeasuredResults): string[] {
  if (sources < 2) return [];
  return [
    `all ${formatNumber(sources)} sources alike: mean ${formatError(meanAbsRelError)}, median ${formatError(medianRelError)}`,
  ];
}

function worstLines({ failures }: CaseResults, unit: string): string[] {
  const rows = failures
    .slice(0, LISTED)
    .map(({ id, expected, got, relError }) => [id, formatCell(expected), formatCell(got), formatError(relError)]);
  const columns = [left('case'), right(`known (${unit})`), right(`predicted (${unit})`), right('error')];
  return [`Largest errors:`, formatTable(columns, rows)];
}

function formatCell(value: number | string): string {
  return typeof value === 'number' ? formatNumber(value) : value;
}

function foldLines(folds: readonly Fold[]): string[] {
  const columns = [
    left('of'),
    left('left out of the fit'),
    right('rows'),
    right('mean error'),
    right('median'),
    right('worst'),
  ];
  const rows = folds.map(({ of, leftOut, cases, meanAbsRelError, medianRelError, maxRelError }) => [
    of,
    leftOut,
    formatNumber(cases),
    ...[meanAbsRelError, medianRelError, maxRelError].map(formatError),
  ]);
  return ['', 'Cross-validation: constants fitted to all others', formatTable(columns, rows)];
}

interface MemoryOptions extends ErrorOptions {
  readonly evidence?: string;
  readonly beside?: readonly string[];
}

function writeEvidence(out: string, files: readonly string[]): void {
  const [first, ...others] = files.map((file) => basename(file));
  const beside = others.length === 0 ? '' : ` --beside ${others.join(' ')}`;
  const command = `cosmic validate memory ${first}${beside} --evidence memoryEvidence.json`;
  writeAtomically(out, `${JSON.stringify(memoryEvidence(files.flatMap(stepCases), command), undefined, 2)}\n`);
}

/** `validate memory`: published memory of a GPU. */
export function memoryCommand(): Command {
  const command = new Command('memory')
    .description('Compare memory with published values, and what fits with runs whose outcome is known.')
    .argument('<file>', 'CSV file, as test/data/measured/README.md describes it');
  return addErrorOptions(command)
    .addHelpText('after', MEMORY_EXAMPLE)
    .option(
      '--evidence <file>',
      'write how far peaks lie from what is predicted of steps, as host/doubt/memoryEvidence.json has it',
    )
    .option('--beside <files...>', 'further files of steps that the evidence is of')
    .action((file: string, options: MemoryOptions) => {
      const { evidence, beside = [] } = options;
      if (evidence === undefined && beside.length > 0) {
        throw new CosmicError('ARGUMENT', '--beside has no effect without --evidence', {
          remedy: 'add --evidence FILE, or validate each file by itself',
        });
      }
      if (evidence !== undefined) writeEvidence(evidence, [file, ...beside]);
      const results = validateMemory(file);
      printResults(results, options, () =>
        'verdicts' in results ? outcomeLines(file, results) : memoryLines(file, results),
      );
    });
}

function memoryLines(file: string, results: CaseResults): string[] {
  const columns = [left('memory'), right('values'), right('mean error'), right('worst')];
  const groups = results.groups.map(({ group, cases, meanAbsRelError, maxRelError }) => [
    group,
    formatNumber(cases),
    formatError(meanAbsRelError),
    formatError(maxRelError),
  ]);
  return [
    `${file}: ${plural(results.cases, 'published value')} (cpu, f64)`,
    '',
    formatTable(columns, groups),
    '',
    ...worstLines(results, 'GiB'),
  ];
}

function share(part: number, { cases }: Verdicts): string {
  return cases === 0 ? '-' : `${((100 * part) / cases).toFixed(1)} %`;
}

function outcomeRow({ group, cases, meanAbsRelError, maxRelError, reserved, verdicts }: MemoryGroup): string[] {
  const errors = [meanAbsRelError, maxRelError].map((error) => (cases === 0 ? '-' : formatError(error)));
  const ofReserved = [reserved.meanAbsRelError, reserved.maxRelError].map((error) =>
    reserved.cases === 0 ? '-' : formatError(error),
  );
  const { right, falseFits, falseAlarms } = verdicts;
  const said = [right, falseFits, falseAlarms].map((part) => share(part, verdicts));
  return [group, formatNumber(verdicts.cases), ...said, formatNumber(cases), ...errors, ...ofReserved];
}

function outcomeLines(file: string, results: MemoryResults): string[] {
  const columns = [
    left('source, model'),
    right('outcomes', 2),
    right('said right', 2),
    right('false fits'),
    right('false alarms'),
    right('allocated'),
    right('mean error', 2),
    right('worst'),
    right('reserved: mean'),
    right('worst'),
  ];
  const all: MemoryGroup = { ...results, group: 'all' };
  return [
    `${file}: ${plural(results.cases, 'measured value')}, ${plural(results.verdicts.cases, 'outcome')} (cpu, f64)`,
    '',
    formatTable(columns, [...results.groups, all].map(outcomeRow)),
    '',
    'false fits: said to fit, but ran out of memory; false alarms: said not to fit, but ran.',
    '',
    ...worstLines(results, 'GiB'),
  ];
}
