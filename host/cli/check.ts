import { Command, Option } from 'commander';
import { CosmicError } from '../../psa/errors.js';
import { checkConfiguration, runs } from '../configurations/checkConfiguration.js';
import { FRAMEWORK_NAMES, openConfiguration } from '../configurations/frameworks.js';
import { readConfiguration } from '../configurations/readConfiguration.js';
import { checkJson, checkLines } from './checkText.js';
import { EXIT } from './interrupt.js';
import { addJsonOption, type JsonOption, repeatable, wholeNumber } from './options.js';
import { print } from './output.js';

interface CheckOptions extends JsonOption {
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
    .argument('<file>', 'a script that runs Megatron-LM, or a file of its arguments')
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
      repeatable(
        '--set <name=value>',
        'override what system and software say; what the file says goes before',
        (text) => text,
      ),
    );
  addJsonOption(command);
  return command.addHelpText('after', EXAMPLE).action((path: string, options: CheckOptions) => {
    const { framework, file } = openConfiguration(path, options.format, new Map(options.variable));
    const checked = checkConfiguration(readConfiguration(framework, file, options));
    if (!runs(checked)) process.exitCode = EXIT.failure;
    print(
      options.json,
      () => checkJson(checked),
      () => checkLines(checked),
    );
  });
}
