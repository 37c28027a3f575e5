import { Command } from 'commander';
import { CosmicError } from '../../psa/errors.js';
import { plural } from '../display/format.js';
import { type BackendValidation, validateBackends } from '../validate/backends.js';
import { TOLERANCE } from '../validate/comparison.js';
import { colors } from './colors.js';
import { firstFailure, outputTable, statusLines } from './comparisonReport.js';
import { EXIT, interruptible } from './interrupt.js';
import { addJsonOption, type JsonOption, seed, wholeNumber } from './options.js';
import { print } from './output.js';
import { Progress } from './progress.js';
import { agentsCommand } from './validateAgents.js';
import { collectivesCommand, workloadsCommand } from './validateAstra.js';
import { fuzzCommand } from './validateFuzz.js';
import { inferenceCommand } from './validateInference.js';
import { kernelsCommand } from './validateKernels.js';
import { measuredCommand, memoryCommand } from './validateMeasured.js';

interface ValidateOptions extends JsonOption {
  readonly designs: number;
  readonly seed: number;
  readonly maxError: number;
}

const BACKENDS_EXAMPLE = `
Example:
  cosmic validate backends --designs 100000 --seed 1

Exit code 1 where an error is above what is allowed.`;

const EXAMPLE = `
Examples:
  cosmic validate backends --designs 100000 --seed 1
  cosmic validate fuzz --spaces 20 --seed 1
  cosmic validate collectives test/data/astra-sim/collectives.json --max-error 0.02
  cosmic validate workloads test/data/astra-sim/workloads.json --max-error 0.05 --mean-error 0.01
  cosmic validate measured test/data/measured/training.csv
  cosmic validate memory test/data/measured/memory.csv --max-error 0.05
  cosmic validate kernels test/data/kernels/gemm.csv --least m=64
  cosmic validate inference test/data/inference/static.csv
  cosmic validate kernels test/data/kernels/nccl-tests.csv

Exit code 1 where an error is above what is allowed.`;

export function validateCommand(): Command {
  const backends = new Command('backends')
    .description(
      'Compare WebGPU (f32) with the CPU (f64) on random designs of every preset space with every system and every model.',
    )
    .option('--designs <n>', 'designs to compare', wholeNumber('--designs', 1), 100_000)
    .option('--seed <n>', 'seed of the designs', seed, 1)
    .option('--max-error <x>', 'largest relative difference that passes', maxError, TOLERANCE);
  addJsonOption(backends)
    .addHelpText('after', BACKENDS_EXAMPLE)
    .action((options: ValidateOptions) => validate(options));
  return new Command('validate')
    .description('Check simulators and agents against each other, against references and against measurements.')
    .addCommand(backends)
    .addCommand(fuzzCommand())
    .addCommand(collectivesCommand())
    .addCommand(workloadsCommand())
    .addCommand(measuredCommand())
    .addCommand(memoryCommand())
    .addCommand(inferenceCommand())
    .addCommand(kernelsCommand())
    .addCommand(agentsCommand())
    .addHelpText('after', EXAMPLE);
}

function maxError(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value < 1) return value;
  throw new CosmicError('ARGUMENT', `--max-error is '${text}'`, {
    remedy: 'give a number between 0 and 1, such as 1e-4',
  });
}

async function validate({ designs, seed: chosen, maxError: allowed, json }: ValidateOptions): Promise<void> {
  const progress = new Progress(designs, 0, '');
  const request = { designs, seed: chosen, onProgress: (done: number) => progress.update(done, undefined) };
  const result = await interruptible((signal) => validateBackends({ ...request, signal })).finally(() =>
    progress.stop(),
  );
  const passed = passes(result, allowed);
  print(
    json,
    () => ({ ...result, passed, allowed }),
    () => lines(result, allowed),
  );
  if (!passed) process.exitCode = EXIT.failure;
}

/** All outputs within what is allowed, and all statuses equal but at the limit of memory. */
function passes({ maxRelError, statuses }: BackendValidation, allowed: number): boolean {
  return maxRelError <= allowed && statuses.different === statuses.nearLimit;
}

function lines(result: BackendValidation, allowed: number): string[] {
  const { tested, reference, statuses } = result;
  return [
    `tested:    ${tested}`,
    `reference: ${reference}`,
    `${plural(result.designs, 'design')}, seed ${result.seed}, of ${coverageText(result)}`,
    ...result.features.map(({ feature, on, off }) => `  ${feature}: compiled in ${on}, left out in ${off}`),
    '',
    outputTable(result.groups),
    '',
    ...statusLines(statuses),
    verdict(result, allowed),
  ];
}

function verdict(result: BackendValidation, allowed: number): string {
  const extreme = `largest relative difference ${result.maxRelError.toExponential(1)}, allowed ${allowed.toExponential(1)}`;
  if (passes(result, allowed)) return colors.green(`passed: ${extreme}`);
  return colors.red(`failed: ${extreme}${firstFailure(result.failures)}`);
}

function coverageText({ combinations, held, swept }: BackendValidation): string {
  const presets = plural(combinations - held, 'combination');
  return `${presets} of preset space, system and model (${swept} swept too), and ${held} with parameters held over the space`;
}
