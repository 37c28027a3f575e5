import jsep from 'jsep';
import type { Place } from './document.js';
import { CosmicError } from './errors.js';
import { quoted, typed } from './expression.js';
import type { Placed, Psa } from './psa.js';
import type { ModelPhase } from './space.js';

jsep.addBinaryOp('or', 1);
jsep.addBinaryOp('and', 2);
jsep.addUnaryOp('not');

/** A condition on designs. */
export interface Constraint {
  readonly text: string;
  readonly place: Place;
  /** The slots of a design that it reads. */
  readonly slots: ReadonlySet<number>;
  /** Steps of its arithmetic: about what it takes to look at it once. */
  readonly steps: number;
  readonly holds: (design: Float64Array) => boolean;
}

/** Of an operation and what it is applied to, such as ` * workload.dp`. */
const CHARACTERS_PER_STEP = 8;

/** What holds of every design, whether its PsA says so or not: all NPUs are used, by the workload and by the network. */
const STRUCTURE = [
  'workload.dp * workload.tp * workload.sp * workload.pp == system.npus',
  'product(network.npus) == system.npus',
];

/** Constraints that differ in spaces only are one. */
export function sameConstraint(a: string, b: string): boolean {
  return a.replaceAll(/\s/g, '') === b.replaceAll(/\s/g, '');
}

function parsed({ value: text, place }: Placed<string>): jsep.Expression {
  try {
    return jsep(text);
  } catch (cause) {
    const message = cause instanceof RangeError ? 'it is nested too deep' : (cause as Error).message;
    throw new CosmicError('CONSTRAINT_SYNTAX', `${quoted(text)}: ${message}`, {
      ...place,
      remedy: 'write arithmetic over parameters, such as `workload.dp * workload.tp <= 64`; equality is ==',
    });
  }
}

/**
 * One that looks at the model, or at the batch, which may be the model's, holds if it holds for each phase, so for each
 * member of an ensemble.
 */
function phasesOf(text: string, psa: Psa): readonly ModelPhase[] {
  return /\b(model\s*\.|workload\s*\.\s*batch\b)/.test(text) ? psa.workload.phases : psa.workload.phases.slice(0, 1);
}

function understood(placed: Placed<string>, psa: Psa): Constraint {
  const { value: text, place } = placed;
  const expression = parsed(placed);
  const slots = new Set<number>();
  const conditions = phasesOf(text, psa).map((phase) => {
    const { npus } = psa.system;
    const value = typed(expression, { text, place, npus, dimensions: psa.dimensions, phase, reads: slots });
    if (value.type === 'boolean') return value.of;
    throw new CosmicError('CONSTRAINT_SYNTAX', `${quoted(text)} is not a condition`, {
      ...place,
      remedy: 'compare it with something, such as `… <= 8`',
    });
  });
  const steps = conditions.length * (1 + text.length / CHARACTERS_PER_STEP);
  return { text, place, slots, steps, holds: (design) => conditions.every((condition) => condition(design)) };
}

/**
 * The constraints of a PsA, ready to be evaluated, with those that hold of every design.
 *
 * @throws CosmicError CONSTRAINT_SYNTAX
 */
export function constraintsOf(psa: Psa): Constraint[] {
  const implied = STRUCTURE.filter((text) => !psa.constraints.some(({ value }) => sameConstraint(value, text)));
  const all = [...psa.constraints, ...implied.map((value) => ({ value, place: psa.place }))];
  return all.map((placed) => understood(placed, psa));
}
