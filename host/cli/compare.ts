import { Command, Option } from 'commander';
import { parseObjective } from '../../kernels/objective/objective.js';
import { PROFILES, type Profile } from '../../psa/space.js';
import { plural } from '../display/format.js';
import { type ComparedStack, compareStacks } from '../study/compare.js';
import { comparisonJson, comparisonLines } from './compareText.js';
import { addFullStackOptions, evaluationsOf, type FullStackOptions } from './fullStackOptions.js';
import { addBackendOptions, addJsonOption, type BackendOptions, type JsonOption, repeatable } from './options.js';
import { note, print } from './output.js';
import { Progress } from './progress.js';

interface CompareOptions extends BackendOptions, JsonOption, FullStackOptions {
  readonly system: string;
  readonly model: string;
  readonly profile: Profile;
  readonly set: readonly string[];
  readonly objective: string;
}

const EXAMPLE = `
Examples:
  cosmic compare                                             GPT3-175B on cosmic-1024, time × bandwidth
  cosmic compare --model vit-large --system cosmic-512 --objective time*cost
  cosmic compare --set model.batch=4096 --seed 1 --json
  cosmic compare --profile astra-sim                         as ASTRA-sim and its workload generator have it`;

export function compareCommand(): Command {
  const command = new Command('compare')
    .description(
      'Compare full-stack co-design with the best of each stack alone: workload, collective, network ' +
        'and all together, each proven over every design (docs/proof.md), all from the default of the system.',
    )
    .option('--system <name>', 'target system: a preset or a YAML file', 'cosmic-1024')
    .option('--model <name>', 'model: a preset, a YAML file or a Hugging Face config.json', 'gpt3-175b')
    .addOption(
      new Option('--profile <name>', 'whose rules the simulator follows (docs/astra-sim.md)')
        .choices(PROFILES)
        .default('default'),
    )
    .addOption(repeatable('--set <name=value>', 'override a parameter or a field in all four spaces'))
    .option('--objective <product>', 'what to minimise, such as time*bandwidth or time*cost', 'time*bandwidth');
  addJsonOption(addBackendOptions(addFullStackOptions(command)));
  return command.addHelpText('after', EXAMPLE).action((options: CompareOptions) => compare(options));
}

async function compare({ backend, threads, json, ...options }: CompareOptions): Promise<void> {
  const objective = parseObjective(options.objective);
  const request = { ...options, evaluations: evaluationsOf(options, options.profile), objectives: [objective] };
  const progress = new StackProgress(objective.unit);
  const [comparison] = await compareStacks(
    request,
    { backend, ...(threads === undefined ? {} : { threads }) },
    { onProgress: (...state) => progress.update(...state) },
  ).finally(() => progress.stop());
  print(
    json,
    () => comparisonJson(request, comparison!),
    () => comparisonLines(comparison!),
  );
}

/** A progress line per stack. */
class StackProgress {
  private stack: ComparedStack | undefined;
  private progress: Progress | undefined;

  constructor(private readonly unit: string) {}

  update(stack: ComparedStack, done: number, total: number, best: number | undefined): void {
    if (stack !== this.stack || total !== this.progress?.total) {
      this.stop();
      note(`${stack}: ${plural(total, 'design')}`);
      this.stack = stack;
      this.progress = new Progress(total, 0, this.unit);
    }
    this.progress?.update(done, best);
  }

  stop(): void {
    this.progress?.stop();
  }
}
