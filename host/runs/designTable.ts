import type { Objective } from '../../kernels/objective/objective.js';
import { OUTPUTS } from '../../kernels/outputs.js';
import { describeDesign } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { entryName } from '../designs/designs.js';
import type { Winner } from '../search/winners.js';
import type { Table } from './table.js';

/** Designs as a table: rank, ordinal, objectives, ties, then all parameters and outputs, with units in the headings. */
export function designTable(space: CompiledSpace, winners: readonly Winner[], objectives: readonly Objective[]): Table {
  const parameters = describeDesign(space, space.fixed);
  const header = [
    'rank',
    'ordinal',
    ...objectives.map(({ label, unit }) => withUnit(label, unit)),
    'ties',
    ...parameters.map((entry) => withUnit(entryName(entry), entry.unit)),
    ...OUTPUTS.map(({ name, unit }) => withUnit(name, unit)),
  ];
  const rows = winners.map((winner, i) => [
    i + 1,
    winner.ordinal,
    ...winner.objectives,
    winner.ties,
    ...describeDesign(space, winner.design).map(({ value }) => value),
    ...winner.outputs,
  ]);
  return { header, rows };
}

function withUnit(name: string, unit: string): string {
  return unit === '' ? name : `${name} (${unit})`;
}
