import { OUTPUT } from '../../../kernels/outputs.js';
import { compileDesign, loadDefault } from '../../../psa/defaults.js';
import { applyOverrides } from '../../../psa/overrides.js';
import type { Psa } from '../../../psa/psa.js';
import { designEvaluator } from '../../designs/designs.js';
import { type Case, type CaseResults, summarize } from '../cases.js';
import { type CsvRow, columnsOf, readCsv } from '../csv.js';
import { type MemoryResults, mbToGib, summarizeMemory } from './memoryCases.js';
import { runCase, runRow } from './memoryRuns.js';
import { stageCases, stageRow } from './memoryStages.js';
import { stepCases } from './memorySteps.js';
import { overridesOf } from './overrides.js';
import { Systems } from './prediction.js';
import { type MemoryRow, memoryRow } from './row.js';

/** Memory of the first stage without embedding and head, which the published formulas leave out. */
function formulaCases({ row }: CsvRow<MemoryRow>, systems: Systems): Case[] {
  const { psa: base } = systems.get({ system: 'a100-80gb', software: 'megatron-lm-2021' });
  const space = compileDesign(applyOverrides(base, [...overridesOf(row), 'model.vocab=1']));
  const { outputs } = designEvaluator(space)(space.fixed);
  const gib = (part: keyof typeof OUTPUT) => mbToGib(outputs[OUTPUT[part]]!);
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
 * Compares memory with a file of published values, GiB: of formulas (`parameter_and_optimizer_gib`), of runs with their outcome
 * (`status`), of the first and the last stage of runs (`first_stage_allocated_mib`), or of training steps as `validate measured` has them
 * (`iteration_s`), with a status where they ran out of memory.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, SCHEMA, VALUE_OUT_OF_RANGE
 * @example
 * validateMemory('memory.csv').maxRelError;
 */
export function validateMemory(file: string): CaseResults | MemoryResults {
  const columns = columnsOf(file);
  if (columns.includes('iteration_s')) return summarizeMemory(stepCases(file));
  if (columns.includes('status')) {
    const bases = new Map<string, Psa>();
    const base = (machine: string, software: string): Psa => {
      const key = `${machine} ${software}`;
      const known = bases.get(key) ?? loadDefault(machine, 'llama3-8b', [], undefined, software);
      bases.set(key, known);
      return known;
    };
    return summarizeMemory(readCsv(file, runRow).map((row) => runCase(row, base)));
  }
  if (columns.includes('first_stage_allocated_mib')) {
    return summarizeMemory(readCsv(file, stageRow).flatMap(stageCases));
  }
  const systems = new Systems();
  return summarize(readCsv(file, memoryRow).flatMap((row) => formulaCases(row, systems)));
}
