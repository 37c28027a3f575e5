import { Command } from 'commander';
import { formatNumber, plural } from '../display/format.js';
import { type FuzzResult, fuzzBackends } from '../validate/fuzz.js';
import { colors } from './colors.js';
import { firstFailure, outputTable, statusLines } from './comparisonReport.js';
import { EXIT, interruptible } from './interrupt.js';
import { addJsonOption, type JsonOption, seed, wholeNumber } from './options.js';
import { print } from './output.js';
import { Progress } from './progress.js';

interface FuzzOptions extends JsonOption {
  readonly spaces: number;
  readonly seed: number;
}

const EXAMPLE = `
Example:
  cosmic validate fuzz --spaces 20 --seed 1`;

export function fuzzCommand(): Command {
  const command = new Command('fuzz')
    .description('Compare WebGPU (f32) with the CPU (f64) on random spaces over all parameters, feasible or not.')
    .option('--spaces <n>', 'spaces to compare, 500 designs of each', wholeNumber('--spaces', 1), 20)
    .option('--seed <n>', 'seed of the spaces and designs', seed, 1);
  return addJsonOption(command)
    .addHelpText('after', EXAMPLE)
    .action((options: FuzzOptions) => fuzz(options));
}

async function fuzz({ spaces, seed: chosen, json }: FuzzOptions): Promise<void> {
  const progress = new Progress(spaces, 0, '', 'spaces');
  const request = { spaces, seed: chosen, onProgress: (done: number) => progress.update(done, undefined) };
  const result = await interruptible((signal) => fuzzBackends({ ...request, signal })).finally(() => progress.stop());
  print(
    json,
    () => result,
    () => lines(result),
  );
  if (!result.passed) process.exitCode = EXIT.failure;
}

function lines({ spaces, designs, feasible, seed: chosen, groups, statuses, ...result }: FuzzResult): string[] {
  const extreme = `largest relative difference ${result.maxRelError.toExponential(1)}, allowed ${result.tolerance.toExponential(1)}`;
  return [
    `${plural(designs, 'design')} of ${plural(spaces, 'random space')}, seed ${chosen}; ${formatNumber(feasible)} are feasible`,
    '',
    outputTable(groups),
    '',
    ...statusLines(statuses),
    result.passed
      ? colors.green(`passed: ${extreme}`)
      : colors.red(`failed: ${extreme}${firstFailure(result.failures)}`),
  ];
}
