import { Command, Option } from 'commander';
import { OUTPUT } from '../../kernels/outputs.js';
import { CosmicError } from '../../psa/errors.js';
import { createEvaluator } from '../backends/createEvaluator.js';
import { type CheckedConfiguration, checkConfiguration, runs } from '../configurations/checkConfiguration.js';
import { type FasterConfiguration, fasterConfigurations } from '../configurations/faster.js';
import { FRAMEWORK_NAMES, openConfiguration } from '../configurations/frameworks.js';
import { explainGap, type MeasuredGap, readMeasured } from '../configurations/measuredGap.js';
import { readConfiguration } from '../configurations/readConfiguration.js';
import { writeAtomically } from '../disk/files.js';
import { checkJson, checkLines } from './checkText.js';
import { EXIT } from './interrupt.js';
import {
  addBackendOptions,
  addJsonOption,
  type BackendOptions,
  type JsonOption,
  repeatable,
  wholeNumber,
} from './options.js';
import { print } from './output.js';

interface CheckOptions extends JsonOption, BackendOptions {
  readonly faster: boolean;
  readonly measured?: string;
  readonly write?: string;
  readonly change: number;
  readonly system: string;
  readonly software?: string;
  readonly model?: string;
  readonly npus?: number;
  readonly format?: string;
  readonly variable: readonly (readonly [string, string])[];
  readonly set: readonly string[];
}

const EXAMPLE = `
Examples:
  cosmic check examples/configurations/megatron-llama3-70b.sh --system h100-sxm    legal? does it fit? how long is a step?
  cosmic check train.sh --system dgx-a100 --variable NNODES=16      with what the environment of a script says
  cosmic check train.sh --system h100-sxm --write faster.sh --change 2   its second faster configuration, as a file
  cosmic check train.sh --system h100-sxm --measured train.log      where the measured step and the predicted one differ
  cosmic check args.txt --system h100-sxm --npus 128 --model config.json

Exit codes: 0 it runs, 1 it breaks a rule or does not fit, 2 bad input.`;

/** `NAME=value`. */
function variable(text: string): readonly [string, string] {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new CosmicError('ARGUMENT', `--variable is '${text}'`, { remedy: 'write NAME=value, such as NNODES=16' });
}

export function checkCommand(): Command {
  const command = new Command('check')
    .description('Check the configuration of a training job: legal or not, memory, time of a step, what is faster.')
    .argument(
      '<file>',
      "a script that runs Megatron-LM, a file of its arguments, torchtitan's TOML, DeepSpeed's JSON, MaxText's YAML or a script of it, or a recipe of NeMo or Megatron-Bridge (docs/check.md)",
    )
    .addOption(new Option('--system <name>', 'target system or machine: a preset or a YAML file').default('h100-sxm'))
    .option(
      '--software <name>',
      "the framework's constants: a preset or a file (default: the format's; none: the system's)",
    )
    .option('--model <name>', 'model where the file describes none: a preset, a YAML file or a config.json')
    .option('--npus <n>', 'NPUs of the job (default: what the file says)', wholeNumber('--npus', 1, 2 ** 20))
    .addOption(new Option('--format <name>', 'whose file it is (default: by its text)').choices([...FRAMEWORK_NAMES]))
    .addOption(
      repeatable('--variable <name=value>', 'a variable of the environment, for scripts; repeatable', variable),
    )
    .addOption(
      repeatable('--set <name=value>', 'override what system and software say; what the file says goes before'),
    );
  command
    .option(
      '--measured <time>',
      'what a step took, such as 4.2s, or a log as a framework prints it: where the gap lies',
    )
    .option('--no-faster', 'do not look for faster configurations')
    .option('--write <file>', 'write the file with the change of --change to this file')
    .option('--change <k>', 'which of the faster configurations is written', wholeNumber('--change', 1), 1);
  addJsonOption(addBackendOptions(command));
  return command.addHelpText('after', EXAMPLE).action(async (path: string, options: CheckOptions) => {
    const given = new Map(options.variable);
    const { framework, file } = openConfiguration(path, options.format, given);
    const checked = checkConfiguration(readConfiguration(framework, file, options));
    const gap = options.measured === undefined ? undefined : gapOf(checked, options.measured);
    const faster = options.faster
      ? await fasterConfigurations(
          checked,
          options,
          (text) => framework.parse(text, path, given),
          (space) => createEvaluator(space, options),
        )
      : undefined;
    const written = options.write === undefined ? undefined : writeChange(faster, options.change, options.write);
    if (!runs(checked)) process.exitCode = EXIT.failure;
    print(
      options.json,
      () => checkJson({ checked, faster, gap, written }),
      () => checkLines({ checked, faster, gap, written }),
    );
  });
}

/** @throws CosmicError ARGUMENT where no step could be simulated */
function gapOf({ step, configuration }: CheckedConfiguration, measured: string): MeasuredGap {
  if (step === undefined) {
    throw new CosmicError('ARGUMENT', 'no step can be simulated, so there is nothing to compare with', {
      file: configuration.file.file,
      remedy: 'mend the rules that are broken first, or leave --measured out',
    });
  }
  const { outputs } = step.evaluated;
  const tokens = outputs[OUTPUT.tokensPerSecond]! * outputs[OUTPUT.timeUs]! * 1e-6;
  return explainGap(step.space, readMeasured(measured, tokens / configuration.npus));
}

/** @throws CosmicError ARGUMENT where there is no such change */
function writeChange(faster: readonly FasterConfiguration[] | undefined, change: number, path: string): string {
  const chosen = faster?.[change - 1];
  if (chosen === undefined) {
    const found = faster?.length === 0 ? 'leave --write out: none was found' : `use --change 1 to ${faster?.length}`;
    throw new CosmicError('ARGUMENT', `there is no faster configuration ${change}`, {
      remedy: faster === undefined ? 'leave --no-faster out' : found,
    });
  }
  writeAtomically(path, chosen.text);
  return path;
}
