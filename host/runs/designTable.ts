import type { Objective } from '../../kernels/objective/objective.js';
import { OUTPUT, type OutputName } from '../../kernels/outputs.js';
import { toldOutputs } from '../../kernels/quantities/facts.js';
import { describeDesign } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Winner } from '../search/winners.js';
import { objectiveColumn, outputColumn, parameterColumn } from './columns.js';
import type { Table } from './table.js';

/**
 * An ordinal as tables have it: a letter keeps spreadsheets and data frames from reading it as a number, of which they would
 * keep 15 digits, or 63 bits. `--ordinal` takes it as it is.
 */
export function designName(ordinal: bigint): string {
  return `d${ordinal}`;
}

/** Designs as a table: rank, design, objectives, ties, then all parameters and outputs. */
export function designTable(space: CompiledSpace, winners: readonly Winner[], objectives: readonly Objective[]): Table {
  const told = toldOutputs(space);
  return {
    columns: [
      { name: 'rank', type: 'integer' },
      { name: 'design', type: 'text' },
      ...objectives.map(objectiveColumn),
      { name: 'ties', type: 'integer' },
      ...describeDesign(space, space.fixed).map(parameterColumn),
      ...told.map(outputColumn),
    ],
    rows: winners.map((winner, i) => [
      i + 1,
      designName(winner.ordinal),
      ...winner.objectives,
      winner.ties,
      ...describeDesign(space, winner.design).map(({ value }) => value),
      ...told.map(({ name }) => winner.outputs[OUTPUT[name as OutputName]]!),
    ]),
  };
}
