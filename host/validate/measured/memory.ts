import { OUTPUT } from '../../../kernels/outputs.js';
import { compileDesign } from '../../../psa/defaults.js';
import { applyOverrides } from '../../../psa/overrides.js';
import { designEvaluator } from '../../designs/designs.js';
import { type Case, type CaseResults, summarize } from '../cases.js';
import { type CsvRow, readCsv } from '../csv.js';
import { Systems } from './prediction.js';
import { type MemoryRow, memoryRow, overridesOf } from './row.js';

const MB_PER_GIB = 2 ** 30 / 1e6;

/** Memory of the first stage without embedding and head, which the published formulas leave out. */
function casesOf({ row }: CsvRow<MemoryRow>, systems: Systems): Case[] {
  const base = systems.get('dgx-a100', ['workload.attention=unfused']);
  const space = compileDesign(applyOverrides(base, [...overridesOf(row), 'model.vocab=1']));
  const { outputs } = designEvaluator(space)(space.fixed);
  const gib = (part: keyof typeof OUTPUT) => outputs[OUTPUT[part]]! / MB_PER_GIB;
  return [
    {
      id: `${row.id}, state`,
      group: 'weights, gradients and optimiser state',
      expected: row.parameter_and_optimizer_gib,
      got: gib('weightsMB') + gib('gradientsMB') + gib('optimizerMB'),
    },
    {
      id: `${row.id}, activations`,
      group: 'activations',
      expected: row.activation_gib,
      got: gib('activationsMB'),
    },
  ];
}

/**
 * Compares the memory of the first pipeline stage's GPU with a file of published values, GiB.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, SCHEMA, VALUE_OUT_OF_RANGE
 * @example
 * validateMemory('memory.csv').maxRelError;
 */
export function validateMemory(file: string): CaseResults {
  const systems = new Systems();
  return summarize(readCsv(file, memoryRow).flatMap((row) => casesOf(row, systems)));
}
