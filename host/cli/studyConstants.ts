import { Command } from 'commander';
import { formatNumber } from '../display/format.js';
import { writeConstants } from '../study/presetConstants.js';
import { prepareFile } from '../validate/measured/measured.js';
import { sharedFitOf } from '../validate/measured/sharedFit.js';
import { addJsonOption, type JsonOption } from './options.js';
import { print } from './output.js';
import { formatTable, left, right } from './table.js';

const EXAMPLE = `
Example:
  cosmic study constants test/data/measured/training.csv test/data/measured/modern/training.csv

With --write the presets say what the rows do, which is what docs/accuracy.md tells of models left out.`;

const COLUMNS = [left('of'), left('constant'), right('in presets'), right('fitted')];

/** `study constants`: what the clocks of machines and the hosts of frameworks are by measured steps. */
export function constantsCommand(): Command {
  const command = new Command('constants')
    .description('Fit the constants that machines and frameworks have of whole steps to measured ones, all together.')
    .argument('<files...>', 'CSV files of runs, as test/data/measured/README.md describes them');
  command.option(
    '--write',
    'put the fitted values into the files of the presets, in the place of those that stand there',
  );
  return addJsonOption(command).addHelpText('after', EXAMPLE).action(studyConstants);
}

interface ConstantsOptions extends JsonOption {
  readonly write?: true;
}

function studyConstants(files: readonly string[], options: ConstantsOptions): void {
  const rows = files.flatMap((file) => prepareFile({ file }));
  const fitted = sharedFitOf(rows).fitTo(() => true).constants;
  const written = options.write ? writeConstants(fitted) : [];
  const constants = fitted.map(({ owner, constant: { name }, preset, value }) => ({
    owner,
    constant: name,
    preset,
    value,
  }));
  const digits = (value: number) => formatNumber(value, 3);
  print(
    options.json,
    () => ({ constants, written }),
    () => [
      formatTable(
        COLUMNS,
        constants.map(({ owner, constant, preset, value }) => [owner, constant, digits(preset), digits(value)]),
      ),
      ...written.map((file) => `wrote ${file}`),
    ],
  );
}
