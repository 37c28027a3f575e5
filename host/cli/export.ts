import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { reasonsOf, STATUS } from '../../kernels/outputs.js';
import { CosmicError } from '../../psa/errors.js';
import { megatronArguments } from '../configurations/megatron/megatron.js';
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
  readonly format: 'astra-sim' | 'megatron' | 'parquet';
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
      "Write a design as inputs of ASTRA-sim and its workload generator or as Megatron-LM's arguments, or all designs of a sweep or search as Parquet.",
    )
    .addOption(
      new Option('--format <name>', 'what to write')
        .choices(['astra-sim', 'megatron', 'parquet'])
        .makeOptionMandatory(),
    )
    .option(
      '--out <path>',
      'folder of the files for astra-sim (default: astra-sim), file for megatron (default: stdout) or parquet (default: designs.parquet)',
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
    if (options.format === 'megatron') exportMegatron(chosen, options);
    else exportAstra(chosen, options);
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

function exportMegatron({ space, evaluated }: ChosenDesign, { out, json }: ExportOptions): void {
  const flags = megatronArguments(space, evaluated.design);
  const text = json === true ? JSON.stringify({ npus: space.npus, arguments: flags }, null, 2) : flags.join(' \\\n');
  if (out === undefined) printText(`${text}\n`);
  else writeAtomically(out, `${text}\n`);
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
