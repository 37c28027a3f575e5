import { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { designOf, digitsToOrdinal, type GenePart, ordinalToDigits, partsOfGene } from '../../psa/ordinals.js';
import type { CompiledSpace, Gene } from '../../psa/space.js';
import { designEvaluator, type EvaluatedDesign } from '../designs/designs.js';

/** A design with another value of one parameter. */
export interface Alternative extends EvaluatedDesign {
  readonly ordinal: bigint;
  /** The parameter that was changed: `workload.tp`. */
  readonly parameter: string;
  /** It, and the parameters that had to follow: `workload.dp` where the product is the number of NPUs. */
  readonly changed: readonly string[];
  /** Undefined where the design is infeasible. */
  readonly objective: number | undefined;
}

/** What follows where a constraint ties parameters together: data parallelism, as replicas are what a job has or lacks. */
const FOLLOWER = 'workload.dp';

/** Rows of equal rank that are evaluated for one value. */
const TRIED = 64;

function differs({ table, slots }: Gene, { columns }: GenePart, a: number, b: number): boolean {
  return columns.some((column) => table[a * slots.length + column] !== table[b * slots.length + column]);
}

/** Rows with another value of a part, by that value: for each those that change least besides. */
function rowsByValue(gene: Gene, parts: readonly GenePart[], part: GenePart, own: number): number[][] {
  const others = parts.filter((other) => other !== part);
  const byValue = new Map<string, { rank: number; rows: number[] }>();
  for (let row = 0; row < gene.size; row++) {
    if (!differs(gene, part, row, own)) continue;
    // One more parameter outweighs that it is not the one to follow.
    const rank = others
      .filter((other) => differs(gene, other, row, own))
      .reduce((sum, { name }) => sum + (name === FOLLOWER ? 2 : 3), 0);
    const value = part.columns.map((column) => gene.table[row * gene.slots.length + column]).join();
    const known = byValue.get(value);
    if (known === undefined || rank < known.rank) byValue.set(value, { rank, rows: [row] });
    else if (rank === known.rank && known.rows.length < TRIED) known.rows.push(row);
  }
  return [...byValue.values()].map(({ rows }) => rows);
}

function better(a: Alternative, b: Alternative): Alternative {
  return (a.objective ?? Number.POSITIVE_INFINITY) <= (b.objective ?? Number.POSITIVE_INFINITY) ? a : b;
}

/**
 * A design with each other value of each parameter, one at a time, evaluated in f64. Where a constraint ties the parameter to
 * others, as few as possible follow, `workload.dp` before all; of several ways the best.
 *
 * @example
 * alternatives(space, best.ordinal, parseObjective('time')).filter(({ parameter }) => parameter === 'workload.tp');
 */
export function alternatives(space: CompiledSpace, ordinal: bigint, objective: Objective): Alternative[] {
  const evaluate = designEvaluator(space);
  const goal = new Goal(space, [objective]);
  const digits = ordinalToDigits(space, ordinal);
  return space.genes.flatMap((gene, g) => {
    const parts = partsOfGene(gene);
    const own = digits[g]!;
    const alternative = (part: GenePart, row: number): Alternative => {
      const other = digitsToOrdinal(space, digits.with(g, row));
      const evaluated = evaluate(designOf(space, other));
      const feasible = goal.isFeasible(evaluated.status, evaluated.outputs);
      return {
        ...evaluated,
        ordinal: other,
        parameter: part.name,
        changed: [part, ...parts.filter((one) => one !== part && differs(gene, one, row, own))].map(({ name }) => name),
        objective: feasible ? goal.valueOf(evaluated.outputs) : undefined,
      };
    };
    return parts.flatMap((part) =>
      rowsByValue(gene, parts, part, own).map((rows) => rows.map((row) => alternative(part, row)).reduce(better)),
    );
  });
}
