import { Command } from 'commander';
import { designRow, spaceNames } from '../designs/designRow.js';
import { writeAtomically } from '../disk/files.js';
import { describeModels } from '../display/models.js';
import { timeInterval } from '../doubt/interval.js';
import { traceOf } from '../export/trace.js';
import type { GraphTables } from '../profiles/operationTables.js';
import { operationTables, rulesOf } from '../profiles/profiles.js';
import { addDesignOptions, type ChosenDesign, chooseDesign, type DesignOptions } from './chosenDesign.js';
import { designLines } from './designText.js';
import { type Fits, fitLines, fitsJson, fitsOf } from './fitText.js';
import { operationLines } from './operationText.js';
import { addJsonOption, type JsonOption } from './options.js';
import { print } from './output.js';

interface SimulateOptions extends DesignOptions, JsonOption {
  readonly trace?: string;
  readonly operations?: boolean;
}

const EXAMPLE = `
Examples:
  cosmic simulate                                          GPT3-175B on the default of cosmic-1024
  cosmic simulate --system dgx-h100 --model llama3-70b --set workload.dp=16
  cosmic simulate cosmic-full --ordinal 123456789          one design of a space
  cosmic simulate runs/mine --rank 2                       one of the best designs of a run
  cosmic simulate --profile astra-sim                      as ASTRA-sim would (docs/astra-sim.md)
  cosmic simulate --operations                             what each operation and collective takes
  cosmic simulate --trace step.json                        its timeline, to open in ui.perfetto.dev`;

export function simulateCommand(): Command {
  const command = new Command('simulate')
    .description("Evaluate one design in full: a system's default with --set changes, or one of a space or a run.")
    .option('--operations', 'show every operation and collective: FLOPs, bytes, roofline side, time, sums of a step')
    .option('--trace <file>', "write the step's timeline in Chrome's trace format, for ui.perfetto.dev");
  addJsonOption(addDesignOptions(command));
  return command.addHelpText('after', EXAMPLE).action(async (name: string | undefined, options: SimulateOptions) => {
    const chosen = await chooseDesign(name, options);
    const { space, evaluated } = chosen;
    const tables = options.operations === true ? operationTables(space, evaluated.design) : undefined;
    const fits = await fitsOf(chosen);
    if (options.trace !== undefined) writeAtomically(options.trace, traceOf(space, evaluated.design));
    print(
      options.json,
      () => simulationJson(chosen, fits, tables),
      () => simulationLines(chosen, fits, tables, options.trace),
    );
  });
}

function simulationJson(chosen: ChosenDesign, fits: Fits, operations: readonly GraphTables[] | undefined) {
  const { space, evaluated, ordinal } = chosen;
  return {
    ...spaceNames(space),
    models: describeModels(space.workload),
    ...(space.workload.readings === undefined ? {} : { readings: space.workload.readings }),
    profile: rulesOf(space.workload).name,
    ...(space.factSources === undefined ? {} : { factSources: space.factSources }),
    ordinal: ordinal?.toString(),
    ...designRow(space, evaluated),
    interval: timeInterval(space, evaluated),
    nearestFits: fitsJson(chosen, fits),
    operations,
  };
}

function simulationLines(
  chosen: ChosenDesign,
  fits: Fits,
  tables: readonly GraphTables[] | undefined,
  trace: string | undefined,
): string[] {
  return [
    ...designLines(chosen.space, chosen.evaluated),
    ...(fits === undefined ? [] : ['', ...fitLines(chosen, fits)]),
    ...(tables === undefined ? [] : ['', ...operationLines(tables)]),
    ...(trace === undefined ? [] : ['', `timeline written to ${trace}; open it in ui.perfetto.dev`]),
  ];
}
