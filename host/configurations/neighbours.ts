/** Jobs near one: one, two or three switches changed, legal and within memory, evaluated in batches. */
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../../kernels/outputs.js';
import { divisors } from '../../kernels/workload/routing.js';
import { compilePsa } from '../../psa/compile.js';
import { digitsToDesign } from '../../psa/ordinals.js';
import { type ParameterName, SLOT_COUNT } from '../../psa/parameters.js';
import type { Placed, Psa } from '../../psa/psa.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { ParameterSpec, Scalar } from '../../psa/specs.js';
import type { Batch, Evaluator } from '../backends/evaluator.js';
import { memoryFloor } from '../designs/designs.js';
import { type MemoryUse, memoryUse } from '../display/memoryUse.js';
import { type LegalJob, legalJobs } from './combinations.js';
import type { Facts } from './facts.js';
import { type Switch, type SwitchValue, switchesOf } from './switches.js';

/** A job whose neighbours are looked for. */
export interface SwitchedJob {
  /** One design. */
  readonly psa: Psa;
  readonly facts: Facts;
  /** Can a parameter be set? */
  readonly isSettable: (name: string) => boolean;
  /** It may depend on nothing but the facts. */
  readonly isLegal: (facts: Facts) => boolean;
  /** What only saves memory is switched where that is lacking. */
  readonly lacksMemory: boolean;
}

/** A job with some switches changed. */
export interface Neighbour {
  /** What is changed: parameters with their values. */
  readonly changed: SwitchValue;
  /** Names of the switches. */
  readonly switches: readonly string[];
  /** SLOT_COUNT numbers. */
  readonly design: Float64Array;
  readonly timeUs: number;
  /** Of the NPU with the most. */
  readonly memory: MemoryUse;
}

/** The most switches that are changed at once. */
export const MOST_SWITCHES = 3;

/** A space of the job with all values of all switches. */
function switchSpace(psa: Psa, facts: Facts, switches: readonly Switch[]): CompiledSpace {
  const values = new Map<ParameterName, Set<Scalar>>();
  for (const value of switches.flatMap((one) => one.values)) {
    for (const [name, scalar] of Object.entries(value) as [ParameterName, Scalar][]) {
      values.set(name, (values.get(name) ?? new Set<Scalar>([facts.value(name)])).add(scalar));
    }
  }
  const parameters = new Map<string, Placed<ParameterSpec>>(psa.parameters);
  for (const [name, some] of values) parameters.set(name, { value: { values: [...some] }, place: psa.place });
  // Replicas follow from the other degrees.
  parameters.delete('workload.dp');
  parameters.set('workload.dp', { value: { values: divisors(facts.npus) }, place: psa.place });
  return compilePsa({ ...psa, parameters });
}

/** Rows of digits as evaluators take them. */
function packed(space: CompiledSpace, rows: readonly LegalJob[]): Batch {
  const width = space.genes.length;
  const digits = new Uint32Array(rows.length * width);
  for (const [i, row] of rows.entries()) digits.set(row.digits, i * width);
  return { kind: 'digits', digits, count: rows.length };
}

/** Of designs that the machine cannot run nothing is asked but that. */
const NOT_RUN = ~STATUS.PRICE;

/** The jobs near one. */
export interface Neighbours {
  readonly space: CompiledSpace;
  /** Those with so many switches changed at once that are legal and that the machine can run. */
  changing(fewest: number, most: number): Promise<readonly Neighbour[]>;
  close(): Promise<void>;
}

/**
 * Jobs near one, each with its time and its memory.
 *
 * @param evaluatorOf makes the evaluator of a space
 * @returns undefined where nothing can be switched
 */
export async function neighboursOf(
  job: SwitchedJob,
  evaluatorOf: (space: CompiledSpace) => Promise<Evaluator>,
): Promise<Neighbours | undefined> {
  const switches = switchesOf(job.facts, job.isSettable, job.lacksMemory);
  if (switches.length === 0) return undefined;
  const space = switchSpace(job.psa, job.facts, switches);
  const legalOf = legalJobs(space, job, switches);
  const isOverfull = memoryFloor(space);
  const looked = new Float64Array(SLOT_COUNT);
  const evaluator = await evaluatorOf(space);
  return {
    space,
    async changing(fewest, most) {
      const counts = Array.from({ length: most - fewest + 1 }, (_, i) => fewest + i);
      // Of most jobs near one that lacks memory it is known before they are evaluated that they lack it, too.
      const legal = counts.flatMap(legalOf).filter(({ digits }) => !isOverfull(digitsToDesign(space, digits, looked)));
      if (legal.length === 0) return [];
      const { outputs, status } = await evaluator.evaluate(packed(space, legal), NOT_RUN);
      return legal.flatMap(({ changed, switches: names, digits }, i) => {
        if ((status[i]! & NOT_RUN) !== 0) return [];
        const design = digitsToDesign(space, digits);
        const row = outputs.subarray(i * OUTPUT_COUNT, (i + 1) * OUTPUT_COUNT);
        const [timeUs, memory] = [row[OUTPUT.timeUs]!, memoryUse({ design, outputs: row })];
        return [{ changed, switches: names, design, timeUs, memory }];
      });
    },
    close: () => evaluator.close(),
  };
}
