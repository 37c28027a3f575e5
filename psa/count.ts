import { compileConstrained } from './compile.js';
import { type Constraint, constraintsOf, sameConstraint } from './constraints.js';
import { Budget } from './enumerate.js';
import { CosmicError, excerpt } from './errors.js';
import type { Placed, Psa, Published } from './psa.js';
import type { CompiledSpace } from './space.js';

/** A gene's size before and after its constraints. */
export interface GeneCount {
  readonly name: string;
  readonly unconstrained: number;
  readonly size: number;
}

/** One step from the published count to the number of structurally valid designs. */
export interface CountStep {
  /** What the step does: counts a parameter, or applies a constraint. */
  readonly kind: 'parameter' | 'constraint';
  readonly text: string;
  /** The step's factor in lowest terms: 2/1, or 10/81. */
  readonly numerator: bigint;
  readonly denominator: bigint;
  /** Designs after the step. */
  readonly count: bigint;
}

export interface PublishedCount {
  /** What the paper states (for the PsA's own system). */
  readonly stated: bigint;
  /** Counted here under the paper's rules. */
  readonly count: bigint;
  readonly steps: readonly CountStep[];
}

/** The size of a space. */
export interface SpaceCount {
  readonly genes: readonly GeneCount[];
  /** Structurally valid designs. */
  readonly count: bigint;
  /** Combinations of all listed values, before any constraint. */
  readonly unconstrained: bigint;
  readonly published: PublishedCount | undefined;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

function step(kind: CountStep['kind'], text: string, before: bigint, count: bigint): CountStep {
  const divisor = greatestCommonDivisor(count, before);
  return { kind, text, numerator: count / divisor, denominator: before / divisor, count };
}

function without(psa: Psa, ignored: readonly string[]): Psa {
  return { ...psa, parameters: new Map([...psa.parameters].filter(([name]) => !ignored.includes(name))) };
}

/** A published rule that relaxes nothing is a slip of the pen. */
function checkRelaxes(relaxes: readonly Placed<string>[], constraints: readonly Constraint[]): void {
  for (const { value, place } of relaxes) {
    if (constraints.some(({ text }) => sameConstraint(text, value))) continue;
    throw new CosmicError('SCHEMA', `published.relaxes: no constraint reads '${excerpt(value)}'`, {
      ...place,
      remedy: `copy one of the constraints: ${constraints.map(({ text }) => text).join('; ')}`,
    });
  }
}

function checkUnique(texts: readonly Placed<string>[], list: string): void {
  const again = texts.find(({ value }, i) => texts.findIndex((other) => sameConstraint(other.value, value)) < i);
  if (again === undefined) return;
  throw new CosmicError('SCHEMA', `published.${list} lists '${excerpt(again.value)}' twice`, {
    ...again.place,
    remedy: 'list it once',
  });
}

function publishedCount(psa: Psa, { count: stated, ignores, relaxes }: Published): PublishedCount {
  const constraints = constraintsOf(psa);
  checkRelaxes(relaxes, constraints);
  checkUnique(ignores, 'ignores');
  checkUnique(relaxes, 'relaxes');
  const budget = new Budget();
  const ignored = ignores.map(({ value }) => value);
  const relaxed = relaxes.map(({ value }) => value);
  const countWithout = (unused: readonly string[], dropped: readonly string[]) => {
    const applied = constraints.filter(({ text }) => !dropped.some((other) => sameConstraint(text, other)));
    return compileConstrained(without(psa, unused), applied, budget).count;
  };
  const count = countWithout(ignored, relaxed);
  const steps: CountStep[] = [];
  let before = count;
  const advance = (kind: CountStep['kind'], text: string, after: bigint) => {
    steps.push(step(kind, text, before, after));
    before = after;
  };
  ignored.forEach((name, i) => {
    advance('parameter', name, countWithout(ignored.slice(i + 1), relaxed));
  });
  relaxed.forEach((text, i) => {
    advance('constraint', text, countWithout([], relaxed.slice(i + 1)));
  });
  return { stated, count, steps };
}

/**
 * Counts a PsA, exactly: per gene, in all, and as its paper counts (recomputed under the paper's rules).
 *
 * @param space the compiled PsA
 * @throws CosmicError SCHEMA where `published` names a constraint that the PsA does not have
 * @example
 * const psa = loadPsa('cosmic-full');
 * countSpace(psa, compilePsa(psa)).published?.count; // 76859228160000n
 */
export function countSpace(psa: Psa, space: CompiledSpace): SpaceCount {
  return {
    genes: space.genes.map(({ name, unconstrainedSize, size }) => ({ name, unconstrained: unconstrainedSize, size })),
    count: space.count,
    unconstrained: space.genes.reduce((product, gene) => product * BigInt(gene.unconstrainedSize), 1n),
    published: psa.published === undefined ? undefined : publishedCount(psa, psa.published),
  };
}
