import { basename } from 'node:path';
import { Command } from 'commander';
import { type CalibrationResult, calibrate } from '../calibrate/calibrate.js';
import type { Calibration } from '../calibrate/evidence.js';
import { machineFileText } from '../calibrate/machineFile.js';
import { writeAtomically } from '../disk/files.js';
import { formatError, formatNumber, plural } from '../display/format.js';

import { addJsonOption, type JsonOption, repeatable, seed, wholeNumber } from './options.js';
import { print } from './output.js';
import { Steps } from './steps.js';
import { formatTable, left, right } from './table.js';

interface CalibrateOptions extends JsonOption {
  readonly machine: string;
  readonly software?: string;
  readonly products: readonly string[];
  readonly gpu?: string;
  readonly collectives: readonly string[];
  readonly steps: readonly string[];
  readonly resamples: number;
  readonly seed: number;
  readonly out: string;
}

const EXAMPLE = `
Examples:
  cosmic calibrate --machine h100-sxm --products examples/calibrate/products.csv --collectives examples/calibrate/all_reduce-1x8.txt --out mine.yaml
  cosmic calibrate --machine h100-sxm --software megatron-core --steps examples/calibrate/steps.csv --out mine.yaml
  cosmic simulate --system mine.yaml --model llama3-8b

docs/calibrate.md says what to measure, and how long that takes.`;

/** `calibrate`: constants of one's own machine from a few measurements. */
export function calibrateCommand(): Command {
  const command = new Command('calibrate')
    .description(
      "Fit a machine's constants to your own measurements: products, collectives and steps, with intervals and errors out of sample.",
    )
    .requiredOption('--machine <name>', 'what the machine is: its peaks and links; a preset or a YAML file')
    .option('--software <name>', 'framework that the steps ran in: a preset or a YAML file')
    .addOption(repeatable('--products <file>', 'CSV of measured kernels, as docs/kernels.md describes it; repeatable'))
    .option('--gpu <name>', 'take only rows of this GPU from the tables of kernels (default: they are of one)')
    .addOption(
      repeatable(
        '--collectives <file>',
        'output of nccl-tests as printed, or all_reduce=FILE where nothing in it says which; repeatable',
      ),
    )
    .addOption(
      repeatable('--steps <file>', 'CSV of step times, as test/data/measured/README.md describes it; repeatable'),
    )
    .option(
      '--resamples <n>',
      'fits to resampled rows, of which intervals are',
      wholeNumber('--resamples', 10, 1000),
      40,
    )
    .option('--seed <n>', 'of the resampling', seed, 1)
    .requiredOption('--out <file>', 'the system file to write');
  return addJsonOption(command).addHelpText('after', EXAMPLE).action(runCalibrate);
}

function runCalibrate(options: CalibrateOptions): void {
  const { machine, software, products, gpu, collectives, steps: stepFiles, resamples, out, json } = options;
  const steps = new Steps();
  const result = calibrate({
    machine,
    software,
    kernels: products,
    gpu,
    collectives,
    steps: stepFiles,
    resamples,
    seed: options.seed,
    onProgress: (evidence, done, all) => steps.update(`${evidence}: fits`, done, all),
  });
  steps.stop();
  const name = basename(out).replace(/\.ya?ml$/, '');
  writeAtomically(out, machineFileText(result, { name, machine, software }));
  const { system: _, ...told } = result;
  print(
    json,
    () => ({ file: out, ...told }),
    () => calibrationLines(result, out),
  );
}

/** Digits of a constant. */
const DIGITS = 3;

function constantRows({ evidence, constants }: Calibration): string[][] {
  return constants.map(({ name, before, value, interval }) => [
    name,
    ...[before, value, ...interval].map((number) => formatNumber(number, DIGITS)),
    evidence,
  ]);
}

function errorRow({ evidence, files, before, fitted, leftOut }: Calibration): string[] {
  return [
    evidence,
    formatNumber(fitted.cases),
    ...[before, fitted, leftOut].map((errors) => (errors === undefined ? '–' : formatError(errors.medianRelError))),
    leftOut === undefined ? '–' : formatError(leftOut.meanAbsRelError),
    files.map((path) => basename(path)).join(', '),
  ];
}

function calibrationLines(
  { calibrations, assumed, unused, resamples, machine }: CalibrationResult,
  out: string,
): string[] {
  const constants = [
    left('constant'),
    right('before', 2),
    right('calibrated', 3),
    right('5 %'),
    right('95 %'),
    left('rests on'),
  ];
  const errors = [
    left('rows'),
    ...['number', 'median error before', 'fitted', 'left out', 'mean, left out'].map((heading) => right(heading)),
    left('from'),
  ];
  return [
    formatTable(constants, calibrations.flatMap(constantRows)),
    '',
    `5 %, 95 %: nine of ten of ${resamples} fits to resampled rows lie between.`,
    '',
    formatTable(errors, calibrations.map(errorRow)),
    '',
    'left out: rows that a fit did not see, a tenth of them at a time; of steps, a model at a time.',
    ...(assumed.length === 0
      ? []
      : ['', `assumed as in ${machine}, for want of rows: ${assumed.map(({ name }) => name).join(', ')}`]),
    ...unused.map(({ reason, rows }) => `${plural(rows, 'row')} not used: ${reason}`),
    '',
    `written to ${out}; use it by --system ${out}`,
  ];
}
