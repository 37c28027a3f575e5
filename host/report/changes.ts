/** The changes of a design against a reference, each with the design that is without it. */
import { partsOfGene } from '../../psa/ordinals.js';
import { SLOT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';

export interface Change {
  /** The parameters that go back together: `workload.tp × workload.dp`, or `all of workload`. */
  readonly what: string;
  /** All changes of one stack at once. */
  readonly stack: boolean;
  /** The slots in which the design and the one without the change differ. */
  readonly slots: readonly number[];
  /** The design without it. */
  readonly without: Float64Array;
}

interface Named {
  readonly name: string;
  readonly slots: readonly number[];
}

const { dp, tp, sp, pp } = SLOT.workload;

/** Degrees after which `workload.dp` is set right, so that all NPUs stay in use. */
const DEGREES: readonly number[] = [tp, sp, pp];

function takenFrom(design: Float64Array, source: Float64Array, slots: readonly number[]): Float64Array {
  const altered = design.slice();
  for (const slot of slots) altered[slot] = source[slot]!;
  return altered;
}

function changeOf(what: string, slots: readonly number[], design: Float64Array, reference: Float64Array): Change {
  return { what, stack: false, slots, without: takenFrom(design, reference, slots) };
}

function isChanged({ slots }: Named, design: Float64Array, reference: Float64Array): boolean {
  return slots.some((slot) => design[slot] !== reference[slot]);
}

/** All changes of a stack at once, where it has several. */
function stackChanges(changed: readonly Named[], design: Float64Array, reference: Float64Array): Change[] {
  const stacks = [...new Set(changed.map(({ name }) => name.split('.')[0]!))];
  return stacks.flatMap((stack) => {
    const own = changed.filter(({ name }) => name.startsWith(`${stack}.`));
    if (own.length < 2) return [];
    const slots = own.flatMap((one) => one.slots);
    return [{ ...changeOf(`all of ${stack}`, slots, design, reference), stack: true }];
  });
}

/** Gene by gene: parameters that a constraint ties together go back together. */
export function jointChanges(space: CompiledSpace, design: Float64Array, reference: Float64Array): Change[] {
  const changed = space.genes.filter((gene) => isChanged(gene, design, reference));
  return [
    ...changed.map(({ name, slots }) => changeOf(name, slots, design, reference)),
    ...stackChanges(changed, design, reference),
  ];
}

/** A degree goes back, and with it `workload.dp` to what it leaves. */
function degreeChange({ name, slots }: Named, design: Float64Array, reference: Float64Array): Change {
  const [slot] = slots as [number];
  const change = changeOf(name, slots, design, reference);
  const replicas = (design[dp]! * design[slot]!) / reference[slot]!;
  if (!Number.isInteger(replicas)) return change;
  change.without[dp] = replicas;
  return { ...change, what: `${name} × workload.dp`, slots: [slot, dp] };
}

/**
 * Parameter by parameter. Where a product must stay what it is, `workload.dp` follows the other degrees, and sizes of network
 * dimensions go back together; only what changes is named.
 */
export function singleChanges(space: CompiledSpace, design: Float64Array, reference: Float64Array): Change[] {
  const parts = space.genes.flatMap((gene): Named[] =>
    partsOfGene(gene).map(({ name, columns }) => ({ name, slots: columns.map((column) => gene.slots[column]!) })),
  );
  const changed = parts.filter((part) => isChanged(part, design, reference));
  const degrees = changed.filter(({ slots }) => DEGREES.includes(slots[0]!));
  const sizes = changed.filter(({ name }) => name.startsWith('network.npus'));
  const alone = changed.filter(
    (part) => !degrees.includes(part) && !sizes.includes(part) && (part.slots[0] !== dp || degrees.length === 0),
  );
  const size = sizes.map(({ name }) => name).join(' × ');
  return [
    ...degrees.map((degree) => degreeChange(degree, design, reference)),
    ...alone.map(({ name, slots }) => changeOf(name, slots, design, reference)),
    ...(sizes.length === 0
      ? []
      : [
          changeOf(
            size,
            sizes.flatMap(({ slots }) => slots),
            design,
            reference,
          ),
        ]),
    ...stackChanges(changed, design, reference),
  ];
}
