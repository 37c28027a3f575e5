import { basename, join, parse } from 'node:path';
import { Command } from 'commander';
import { writeAtomically } from '../disk/files.js';
import { type Accuracy, accuracyMarkdown, accuracySvg } from '../study/accuracy.js';
import { crossValidate } from '../validate/measured/crossValidation.js';
import { casesOf, type Prepared, prepareRows, resultsOf } from '../validate/measured/measured.js';
import { predictRow } from '../validate/measured/prediction.js';
import { addJsonOption, type JsonOption } from './options.js';
import { print } from './output.js';
import { Steps } from './steps.js';

interface AccuracyOptions extends JsonOption {
  readonly out: string;
}

const EXAMPLE = `
Example:
  cosmic study accuracy test/data/measured/training.csv test/data/measured/modern/training.csv --out accuracy.md`;

/** `study accuracy`: measured steps against predictions, fitted and cross-validated, as a document. */
export function accuracyCommand(): Command {
  const command = new Command('accuracy')
    .description('Write how close predictions are to measured steps, with each model left out of the fit once, too.')
    .argument('<files...>', 'CSV files of runs, as test/data/measured/README.md describes them')
    .option('--out <file>', 'Markdown file to write, its plot beside it as SVG', 'accuracy.md');
  return addJsonOption(command).addHelpText('after', EXAMPLE).action(studyAccuracy);
}

function studyAccuracy(files: readonly string[], options: AccuracyOptions): void {
  const steps = new Steps();
  const parts = files.map((file) => prepareRows({ file }));
  const prepared: Prepared = {
    rows: parts.flatMap(({ rows }) => rows),
    refusals: parts.flatMap(({ refusals }) => refusals),
  };
  const results = resultsOf(prepared);
  const validation = crossValidate(prepared.rows, (done, all) => steps.update('fits', done, all));
  steps.stop();
  const { dir, name } = parse(options.out);
  const plot = `${name}.svg`;
  const names = files.map((file) => basename(file));
  const command = `cosmic study accuracy ${names.join(' ')}`;
  const accuracy: Accuracy = { results, validation, files: names, command, plot };
  const cases = casesOf(prepared.rows, prepared.rows.map(predictRow)).filter(({ got }) => got !== undefined);
  writeAtomically(options.out, accuracyMarkdown(accuracy));
  writeAtomically(join(dir, plot), accuracySvg(cases));
  print(
    options.json,
    () => ({ ...results, crossValidation: validation.folds }),
    () => [`written to ${options.out}, its plot to ${join(dir, plot)}`],
  );
}
