import { basename, join, parse } from 'node:path';
import { Command } from 'commander';
import { writeAtomically } from '../disk/files.js';
import { type Accuracy, accuracyMarkdown, accuracySvg } from '../study/accuracy.js';
import { aimResults } from '../validate/measured/aims.js';
import { crossValidate } from '../validate/measured/crossValidation.js';
import { slowestLaunchUs } from '../validate/measured/elsewhere.js';
import { allResiduals, coverageOf, evidenceOf, fitsOf } from '../validate/measured/evidence.js';
import { gainPairs, gainsOf } from '../validate/measured/gains.js';
import { casesOf, type Prepared, predictedWith, prepareRows, resultsOf } from '../validate/measured/measured.js';
import { lowOrders } from '../validate/measured/orders.js';
import { predictRow } from '../validate/measured/prediction.js';
import { scatterBySource } from '../validate/measured/repeats.js';
import { robustRegretOf } from '../validate/measured/robustRegret.js';
import { predictRows, publicationsOf, unseenOf, unseenPairs } from '../validate/measured/unseen.js';
import { addJsonOption, type JsonOption } from './options.js';
import { print } from './output.js';
import { Steps } from './steps.js';

interface AccuracyOptions extends JsonOption {
  readonly out: string;
  readonly evidence?: string;
  readonly unseen?: readonly string[];
}

const EXAMPLE = `
Example:
  cosmic study accuracy test/data/measured/training.csv test/data/measured/modern/training.csv --out accuracy.md
  cosmic study accuracy test/data/measured/training.csv --unseen test/data/measured/unseen.csv --out accuracy.md`;

/** `study accuracy`: measured steps against predictions, fitted and cross-validated, as a document. */
export function accuracyCommand(): Command {
  const command = new Command('accuracy')
    .description('Write how close predictions are to measured steps, with each model left out of the fit once, too.')
    .argument('<files...>', 'CSV files of runs, as test/data/measured/README.md describes them')
    .option('--out <file>', 'Markdown file to write, its plot beside it as SVG', 'accuracy.md')
    .option(
      '--evidence <file>',
      'JSON file to write: how far kept-out predictions lay off, which intervals are taken from',
    )
    .option(
      '--unseen <file>',
      'CSV file of runs that have no say in any fit, as often as there are such files: how far off they are, and what intervals add for it',
      (file: string, before: readonly string[] = []) => [...before, file],
    );
  return addJsonOption(command).addHelpText('after', EXAMPLE).action(studyAccuracy);
}

function prepareFiles(files: readonly string[]): Prepared {
  const parts = files.map((file) => prepareRows({ file }));
  return { rows: parts.flatMap(({ rows }) => rows), refusals: parts.flatMap(({ refusals }) => refusals) };
}

function studyAccuracy(files: readonly string[], options: AccuracyOptions): void {
  const steps = new Steps();
  const prepared = prepareFiles(files);
  const results = resultsOf(prepared);
  const validation = crossValidate(prepared.rows, (done, all) => steps.update('fits', done, all));
  steps.stop();
  const residuals = allResiduals(prepared.rows, validation);
  const robust = robustRegretOf(prepared.rows, fitsOf(validation));
  const { dir, name } = parse(options.out);
  const plot = `${name}.svg`;
  const names = files.map((file) => basename(file));
  const { unseen } = options;
  const command = [
    'cosmic study accuracy',
    ...names,
    ...(unseen ?? []).map((file) => `--unseen ${basename(file)}`),
  ].join(' ');
  const fitted = evidenceOf(
    validation,
    residuals,
    slowestLaunchUs(prepared.rows),
    names,
    `${command} --evidence evidence.json`,
  );
  const unseenRows = unseen === undefined ? undefined : predictRows(prepareFiles(unseen));
  const publications = unseenRows === undefined ? [] : publicationsOf(unseenRows, fitted);
  const gains = (unseenRows && gainsOf(unseenPairs(unseenRows))) ?? fitted.gains;
  const evidence = { ...fitted, publications, gains };
  const coverage = (['model', 'source', 'installation'] as const).map((keptOut) =>
    coverageOf(residuals, keptOut, publications),
  );
  const cases = casesOf(prepared.rows, prepared.rows.map(predictRow)).filter(({ got }) => got !== undefined);
  const accuracy: Accuracy = {
    results,
    validation,
    cases,
    predictedWith: predictedWith(prepared.rows),
    coverage,
    aims: aimResults(cases, validation.cases),
    orders: lowOrders(cases, prepared.rows),
    scatter: scatterBySource(prepared.rows),
    robust,
    unseen:
      unseenRows &&
      unseenOf(
        unseen!.map((file) => basename(file)),
        unseenRows,
        evidence,
        gainPairs(validation.cases),
      ),
    files: names,
    command,
    plot,
  };
  writeAtomically(options.out, accuracyMarkdown(accuracy));
  writeAtomically(join(dir, plot), accuracySvg(cases));
  if (options.evidence !== undefined) {
    writeAtomically(options.evidence, `${JSON.stringify(evidence, undefined, 2)}\n`);
  }
  print(
    options.json,
    () => ({
      ...results,
      crossValidation: validation.folds,
      coverage,
      aims: accuracy.aims,
      orders: accuracy.orders,
      scatter: accuracy.scatter,
      robust,
      unseen: accuracy.unseen,
    }),
    () => [`written to ${options.out}, its plot to ${join(dir, plot)}`],
  );
}
