import { Command } from 'commander';
import { formatError, formatNumber, plural } from '../display/format.js';
import {
  type InferenceGroup,
  type InferenceRequest,
  type InferenceResults,
  validateInference,
} from '../validate/inference/inference.js';
import { addErrorOptions, type ErrorOptions, nestedName, printResults } from './errorOptions.js';
import { repeatable } from './options.js';
import { formatTable, left, right } from './table.js';

const EXAMPLE = `
Example:
  cosmic validate inference test/data/inference/static.csv --mean-error 0.15`;

/** `validate inference`: static batches and first tokens of language models. */
export function inferenceCommand(): Command {
  const command = new Command('inference')
    .description(
      'Predict measured throughput of static batches, and times to the first token, each from its row alone.',
    )
    .argument('<file>', 'CSV file of runs, as test/data/inference/README.md describes it')
    .addOption(repeatable('--set <name=value>', 'override a parameter in every row; repeatable'))
    .option('--system <name>', 'the machine of all rows: a preset or a YAML file (default: presets by the column gpu)');
  return addErrorOptions(command)
    .addHelpText('after', EXAMPLE)
    .action((file: string, options: ErrorOptions & Omit<InferenceRequest, 'file'>) => {
      const { set, system } = options;
      const results = validateInference({ file, system, ...(set === undefined ? {} : { set }) });
      printResults(results, options, () => lines(file, results));
    });
}

function groupRow(group: InferenceGroup): string[] {
  const { cases, meanAbsRelError, medianRelError, worst } = group;
  const errors = [meanAbsRelError, medianRelError, worst.relError].map(formatError);
  return [nestedName(group), formatNumber(cases), ...errors, worst.id];
}

function lines(file: string, results: InferenceResults): string[] {
  const columns = [
    left('mode, machine, version, model'),
    right('rows'),
    right('mean error', 2),
    right('median'),
    right('worst'),
    left('worst row'),
  ];
  const assumptions = Object.entries(results.assumptions).map(([gpu, texts]) => [gpu, texts.join('; ')]);
  const reasons = results.inexpressible.map(({ reason, rows }) => [formatNumber(rows), reason]);
  return [
    `${file}: ${plural(results.cases, 'measured row')} (cpu, f64)`,
    '',
    formatTable(columns, results.groups.map(groupRow)),
    '',
    'worst: (predicted − measured) / measured; tokens/s of static batches (fixed-batch), ms to the first token (min-latency).',
    '',
    'Assumed of machines and programs:',
    formatTable([left('machine'), left('assumption')], assumptions),
    ...(reasons.length === 0 ? [] : ['', 'Not predicted:', formatTable([right('rows'), left('because')], reasons)]),
  ];
}
