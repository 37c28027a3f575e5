import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { reasonsOf, STATUS } from '../../kernels/outputs.js';
import { CosmicError } from '../../psa/errors.js';
import { exportConfiguration } from '../configurations/exportConfiguration.js';
import { FRAMEWORK_NAMES, frameworkOf } from '../configurations/frameworks.js';
import { brokenByDesign } from '../configurations/legality.js';
import { writeAtomically } from '../disk/files.js';
import { formatNumber, plural } from '../display/format.js';
import { allDesigns } from '../export/allDesigns.js';
import { astraFiles, astraTimeNs } from '../export/astraFiles.js';
import { astraExport } from '../export/astraRecord.js';
import { readRun } from '../runs/runResult.js';
import { addDesignOptions, type ChosenDesign, chooseDesign, type DesignOptions } from './chosenDesign.js';
import { addJsonOption, type JsonOption } from './options.js';
import { note, print, printText } from './output.js';

interface ExportOptions extends DesignOptions, JsonOption {
  /** `astra-sim`, `parquet`, or the name of a framework. */
  readonly format: string;
  readonly out?: string;
  readonly infeasible?: boolean;
}

const EXAMPLE = `
Examples:
  cosmic export runs/mine --format astra-sim --out astra         network.yml, system.json and scripts
  cosmic export cosmic-full --ordinal 123456789 --format astra-sim
  cosmic export --system dgx-h100 --model llama3-70b --format megatron
  cosmic export runs/my-sweep --format parquet --out all.parquet   every design, feasible or not
  cosmic export runs/mine --format parquet                       those of a search, which goes its way once more`;

export function exportCommand(): Command {
  const command = new Command('export')
    .description(
      'Write a design as inputs of ASTRA-sim and its workload generator or as the configuration of a training framework, or all designs of a sweep or search as Parquet.',
    )
    .addOption(
      new Option('--format <name>', 'what to write')
        .choices(['astra-sim', ...FRAMEWORK_NAMES, 'parquet'])
        .makeOptionMandatory(),
    )
    .option(
      '--out <path>',
      'folder of the files for astra-sim (default: astra-sim), file for a framework (default: stdout) or parquet (default: designs.parquet)',
    );
  command.option('--infeasible', 'write an infeasible design too, with a warning');
  addJsonOption(addDesignOptions(command));
  return command.addHelpText('after', EXAMPLE).action(async (name: string | undefined, options: ExportOptions) => {
    if (options.format === 'parquet') {
      await exportDesigns(name, options);
      return;
    }
    const chosen = await chooseDesign(name, options);
    checkFeasible(chosen, options.infeasible === true);
    if (options.format === 'astra-sim') exportAstra(chosen, options);
    else exportFramework(chosen, options);
  });
}

async function exportDesigns(run: string | undefined, { out = 'designs.parquet', json }: ExportOptions): Promise<void> {
  if (run === undefined) {
    throw new CosmicError('ARGUMENT', 'no run is named', {
      remedy: 'name the folder of a sweep or search, such as runs/mine',
    });
  }
  const result = readRun(run);
  const { parquet, designs } = await allDesigns(result);
  writeAtomically(out, parquet);
  const written = { file: out, designs };
  print(
    json,
    () => written,
    () => [`${plural(designs, 'design')} written to ${out}`],
  );
}

/** @throws CosmicError ARGUMENT where the design is infeasible, unless it is asked for */
function checkFeasible({ evaluated: { status } }: ChosenDesign, asked: boolean): void {
  // Nothing that is exported has a price.
  const reasons = reasonsOf(status & ~STATUS.PRICE);
  if (reasons.length === 0) return;
  const message = `the design is infeasible: ${reasons.join('; ')}`;
  if (!asked) {
    throw new CosmicError('ARGUMENT', message, {
      remedy: 'choose another, or add --infeasible to write it all the same',
    });
  }
  note(`warning: ${message}`);
}

function exportFramework({ space, evaluated }: ChosenDesign, { format, out, json }: ExportOptions): void {
  const { settings, text } = exportConfiguration(frameworkOf(format), space, evaluated.design);
  for (const { says } of brokenByDesign(frameworkOf(format), space, evaluated.design)) {
    note(`warning: ${frameworkOf(format).title} would not start: ${says}`);
  }
  if (out !== undefined) writeAtomically(out, text);
  else if (json !== true) {
    printText(text);
    return;
  }
  const flags = settings.map(({ name, values }) => [name, ...values].join(' '));
  print(
    json,
    () => ({ ...(out === undefined ? {} : { file: out }), npus: space.npus, format, arguments: flags }),
    () => [`written to ${out}`],
  );
}

function exportAstra({ space, evaluated, ordinal }: ChosenDesign, { out = 'astra-sim', json }: ExportOptions): void {
  const exported = astraExport(space, evaluated.design, `${space.name} ${ordinal ?? 'default'}`);
  const files = astraFiles(exported);
  for (const [name, text] of Object.entries(files)) {
    writeAtomically(join(out, name), text);
    if (name.endsWith('.sh')) chmodSync(join(out, name), 0o755);
  }
  const timeNs = astraTimeNs(exported.record);
  const result = { folder: out, files: Object.keys(files), timeNs: timeNs ?? null, notes: exported.notes };
  print(
    json,
    () => result,
    () => lines(result),
  );
}

function lines({
  folder,
  files,
  timeNs,
  notes,
}: {
  folder: string;
  files: string[];
  timeNs: number | null;
  notes: readonly string[];
}) {
  return [
    `written to ${folder}: ${files.join(', ')}`,
    timeNs === null
      ? 'by the astra-sim profile, ASTRA-sim does not come to an end with it'
      : `by the astra-sim profile, ASTRA-sim prints ${formatNumber(timeNs)} ns; what it does otherwise than the default profile:`,
    ...notes.map((note) => `  - ${note}`),
  ];
}
