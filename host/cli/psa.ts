import { Command } from 'commander';
import { countSpace } from '../../psa/count.js';
import { listPresets, type PresetKind } from '../../psa/presets.js';
import { psaJsonSchema } from '../../psa/schema.js';
import { type OpenSpace, openSpace } from '../runs/openSpace.js';
import { addJsonOption, addSpaceOptions, type JsonOption, type SpaceOptions } from './options.js';
import { print, printJson } from './output.js';
import { countJson, countLines, spaceJson, spaceLines } from './psaText.js';
import { wrapWords } from './terminal.js';

type PsaOptions = SpaceOptions & JsonOption;

const EXAMPLE = `
Examples:
  cosmic psa show cosmic-full
  cosmic psa count cosmic-full --system cosmic-1024
  cosmic psa schema > psa.schema.json`;

export function psaCommand(): Command {
  return new Command('psa')
    .description('Look at design spaces (Parameter Set Architectures) without evaluating anything.')
    .addCommand(showCommand())
    .addCommand(countCommand())
    .addCommand(schemaCommand())
    .addHelpText('after', `${presetsText()}\n${EXAMPLE}`);
}

/** Columns of the help, and where the names of presets begin. */
const COLUMNS = 80;
const INDENT = 12;

function presetsText(): string {
  const kinds: PresetKind[] = ['spaces', 'systems', 'machines', 'software', 'models'];
  const lines = kinds.flatMap((kind) =>
    wrapWords(listPresets(kind).join(', '), COLUMNS - INDENT).map(
      (names, i) => `  ${(i === 0 ? `${kind}:` : '').padEnd(INDENT - 2)}${names}`,
    ),
  );
  return `\nPresets:\n${lines.join('\n')}`;
}

function showCommand(): Command {
  const command = new Command('show').description('Show what a PsA varies, what it fixes, and its constraints.');
  return spaceCommand(command, 'cosmic psa show my.yaml --system dgx-h100', spaceLines, spaceJson);
}

function countCommand(): Command {
  const command = new Command('count').description('Count the designs of a PsA, exactly, gene by gene.');
  return spaceCommand(
    command,
    'cosmic psa count cosmic-full --system cosmic-1024',
    (open) => countLines(open.space, countSpace(open.psa, open.space)),
    (open) => countJson(open.space, countSpace(open.psa, open.space)),
  );
}

/** A command about one space that prints lines, or an object as JSON. */
function spaceCommand(
  command: Command,
  example: string,
  lines: (open: OpenSpace) => readonly string[],
  json: (open: OpenSpace) => object,
): Command {
  command.argument('<space>', 'a preset (cosmic-full, …) or a PsA file');
  addJsonOption(addSpaceOptions(command));
  return command.addHelpText('after', `\nExample:\n  ${example}`).action((name: string, options: PsaOptions) => {
    const open = openSpace(name, options);
    print(
      options.json,
      () => json(open),
      () => lines(open),
    );
  });
}

function schemaCommand(): Command {
  const command = new Command('schema').description('Print the JSON Schema of PsA files, for editors.');
  return addJsonOption(command)
    .addHelpText('after', '\nExample:\n  cosmic psa schema > psa.schema.json')
    .action(() => {
      printJson(psaJsonSchema());
    });
}
