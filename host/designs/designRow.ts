import { definitionOf, type OutputName, reasonsOf } from '../../kernels/outputs.js';
import type { DerivedName } from '../../kernels/quantities/catalogue.js';
import { describeDesign } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { type EvaluatedDesign, entryName, namedOutputs } from './designs.js';

type NamedOutputs = Readonly<Record<Exclude<OutputName, DerivedName>, number> & Partial<Record<DerivedName, number>>>;

/** Without derived outputs that have no value. */
function valued(outputs: Record<OutputName, number>): NamedOutputs {
  const entries = Object.entries(outputs).filter(
    ([name, value]) => value !== 0 || definitionOf(name as OutputName).combine !== 'derived',
  );
  return Object.fromEntries(entries) as unknown as NamedOutputs;
}

/** What designs are of, by names. */
export function spaceNames({ name, systemName, npus, overrides, workload }: CompiledSpace) {
  return { space: name, system: systemName, npus, overrides, model: workload.name };
}

/** A design by names. */
export interface DesignRow {
  /** `workload.tp`, `network.topology[0]`: numbers in the unit of the catalogue, or the names of categories. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** The unit is the end of the name. Derived outputs without a value are absent. */
  readonly outputs: NamedOutputs;
  /** Why it is infeasible, in words; empty where it is not. */
  readonly infeasible: readonly string[];
}

/**
 * An evaluated design, such as a winner, by names.
 *
 * @example
 * const { parameters, outputs } = designRow(space, readRun('runs/mine').winners[0]);
 * parameters['workload.tp']; // 8
 * outputs.timeUs; // 1234.5
 */
export function designRow(space: CompiledSpace, { design, outputs, status }: EvaluatedDesign): DesignRow {
  const parameters = describeDesign(space, design);
  return {
    parameters: Object.fromEntries(parameters.map((entry) => [entryName(entry), entry.value])),
    outputs: valued(namedOutputs(outputs)),
    infeasible: reasonsOf(status),
  };
}
