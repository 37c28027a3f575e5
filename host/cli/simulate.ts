import { Command } from 'commander';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { CosmicError } from '../../psa/errors.js';
import { designOf } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator, profileOf } from '../designs.js';
import { operationTables } from '../report/operations.js';
import { writeAtomically } from '../runs/files.js';
import { traceOf } from '../trace.js';
import { designLines } from './designReport.js';
import { operationLines } from './operationReport.js';
import { addJsonOption, addSpaceOptions, bigWholeNumber, type JsonOption, type SpaceOptions } from './options.js';
import { designJson } from './reportJson.js';
import { openSpace } from './space.js';

interface SimulateOptions extends SpaceOptions, JsonOption {
  readonly ordinal?: bigint;
  readonly trace?: string;
  readonly operations?: boolean;
}

const EXAMPLE = `
Examples:
  cosmic simulate                                          GPT3-175B on the default of cosmic-1024
  cosmic simulate --system dgx-h100 --model llama3-70b --set workload.dp=16
  cosmic simulate cosmic-full --ordinal 123456789          one design of a space
  cosmic simulate --profile astra-sim                      as ASTRA-sim would (docs/astra-sim.md)
  cosmic simulate --operations                             what each operation and collective takes
  cosmic simulate --trace step.json                        its timeline, to open in ui.perfetto.dev`;

export function simulateCommand(): Command {
  const command = new Command('simulate')
    .description("Evaluate one design in full: a system's default with --set changes, or one of a space.")
    .argument('[space]', "a preset or a PsA file (left out: the system's default design)")
    .option('--ordinal <n>', 'which design of the space', bigWholeNumber('--ordinal', 0n))
    .option('--operations', 'show every operation and collective: FLOPs, bytes, roofline side, time, sums of a step')
    .option('--trace <file>', "write the step's timeline in Chrome's trace format, for ui.perfetto.dev");
  addJsonOption(addSpaceOptions(command));
  return command.addHelpText('after', EXAMPLE).action((name: string | undefined, options: SimulateOptions) => {
    const { space, design, ordinal } = name === undefined ? defaultDesign(options) : designIn(name, options);
    const evaluated = designEvaluator(space)(design);
    if (options.trace !== undefined) writeAtomically(options.trace, traceOf(space, design));
    if (options.json === true) {
      const { name: model } = space.workload;
      const where = { space: space.name, system: space.systemName, model, profile: profileOf(space), ordinal };
      const tables = options.operations === true ? { operations: operationTables(space, design) } : {};
      process.stdout.write(`${JSON.stringify({ ...where, ...designJson(space, evaluated), ...tables }, null, 2)}\n`);
    } else {
      const operations = options.operations === true ? ['', ...operationLines(operationTables(space, design))] : [];
      process.stdout.write(`${[...designLines(space, evaluated), ...operations].join('\n')}\n`);
    }
  });
}

interface ChosenDesign {
  readonly space: CompiledSpace;
  readonly design: Float64Array;
  /** Undefined for a design outside any space. */
  readonly ordinal: string | undefined;
}

function defaultDesign({
  system = 'cosmic-1024',
  model = 'gpt3-175b',
  profile,
  set,
  ordinal,
}: SimulateOptions): ChosenDesign {
  if (ordinal !== undefined) {
    throw new CosmicError('ARGUMENT', `--ordinal ${ordinal} stands without a space`, {
      remedy: 'name the space too, such as cosmic simulate cosmic-full --ordinal 0',
    });
  }
  const space = compileDesign(loadDefault(system, model, set, profile));
  return { space, design: space.fixed, ordinal: undefined };
}

function designIn(name: string, options: SimulateOptions): ChosenDesign {
  const { space } = openSpace(name, options);
  const ordinal = options.ordinal ?? 0n;
  if (options.ordinal === undefined && space.count > 1n) {
    throw new CosmicError('DESIGN_AMBIGUOUS', `${space.name} has ${space.count} designs`, {
      remedy: `choose one by --ordinal 0 … ${space.count - 1n}, or name no space for the system's default design`,
    });
  }
  return { space, design: designOf(space, ordinal), ordinal: ordinal.toString() };
}
