/**
 * The optimum of a whole space with a proof: branch and bound over boxes (Land and Doig, Econometrica 28(3), 1960). A box whose
 * bound is no better than the best design that is known is closed; another is split where its bound rises most. What happens
 * depends on the space, the goal and the first incumbent alone, not on threads or time.
 */
import { type Box, boxCount, isSingle } from '../../kernels/bound/box.js';
import { requireBounds } from '../../kernels/bound/goalBound.js';
import type { Goal } from '../../kernels/objective/goal.js';
import { OUTPUT_COUNT } from '../../kernels/outputs.js';
import { requireFacts } from '../../kernels/quantities/facts.js';
import { digitsToDesign } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { BoxValues, Evaluator } from '../backends/evaluator.js';
import { createSimulator, rulesOf } from '../profiles/profiles.js';
import { halves, openGenes, packBoxes } from './boxes.js';
import { type ClosedBox, newProof, type OpenBox, type ProofState, type Reason, SAME } from './proofState.js';
import { type Roots, rootsOf } from './roots.js';

/** Roots that are bounded before the first is split: they wait in memory, best first. */
const WINDOW = 2 ** 16;

/** Boxes that are split at a time: enough work for all threads, or a GPU. */
const WAVE = 64;

/** Designs that are evaluated at a time: as many as before, for each that is better closes others. */
const LEAST_DESIGNS = 64;
const MOST_DESIGNS = 2 ** 14;

/** Boxes that are looked at to count the best designs. */
const MOST_TIED = 2 ** 15;

/** Between points of a proof's course, as a ratio of boxes. */
const COURSE_STEP = 1.05;

export interface ProofControl {
  /** When it is over, no design is more than this share better than the best: 0 … 1. */
  readonly gap?: number;
  /** Called with each box that is closed. */
  readonly onClosed?: (box: ClosedBox) => void;
  /** Called after each wave with the state, which may be kept and gone on from. */
  readonly onWave?: (state: ProofState) => void | Promise<void>;
  /** Ends the proof after the wave in progress. */
  readonly signal?: AbortSignal;
}

/** Half of a box in a gene, and what it comes to. */
interface Child {
  readonly box: Box;
  readonly best: number;
  readonly worst: number;
  readonly status: number;
  readonly broken: number;
}

/** An evaluator that bounds boxes. */
export type BoundingEvaluator = Evaluator & Required<Pick<Evaluator, 'bound'>>;

/** Can an evaluator prove? */
export function canProve(evaluator: Evaluator): evaluator is BoundingEvaluator {
  return evaluator.bound !== undefined;
}

/** Is nothing left to do, with so many root boxes? */
export function isProven(state: ProofState, roots: bigint): boolean {
  return state.nextRoot === roots && state.open.length === 0 && state.tied.length === 0;
}

/** Boxes that are neither closed nor counted, roots that nobody has looked at among them. */
export function openBoxes({ open, tied, nextRoot }: ProofState, roots: bigint): number {
  return open.length + tied.length + Number(roots - nextRoot);
}

/** No design is better than this; 0 while not all roots are bounded. */
export function boundOf({ open, nextRoot, incumbent }: ProofState, roots: bigint): number {
  if (nextRoot < roots) return 0;
  return open.reduce((least, { bound }) => Math.min(least, bound), incumbent?.value ?? Number.POSITIVE_INFINITY);
}

class Proof {
  readonly roots: Roots;
  private readonly simulate;

  constructor(
    private readonly space: CompiledSpace,
    private readonly goal: Goal,
    private readonly evaluator: BoundingEvaluator,
    private readonly state: ProofState,
    private readonly control: ProofControl,
  ) {
    requireBounds(goal.first);
    requireFacts(space, goal);
    this.roots = rootsOf(space, rulesOf(space.workload).singleGenes(space));
    this.simulate = createSimulator(space);
  }

  async run(): Promise<void> {
    const { state, control } = this;
    while (!isProven(state, this.roots.count) && !control.signal?.aborted) {
      if (state.open.length > 0) await (isSingle(state.open.at(-1)!) ? this.evaluateWave() : this.splitWave());
      else if (state.nextRoot < this.roots.count) await this.openWindow();
      else await this.countWave();
      this.recordCourse();
      await control.onWave?.(state);
    }
  }

  private recordCourse(): void {
    const { state, roots } = this;
    const { course, bounded: boxes, incumbent } = state;
    if (boxes < COURSE_STEP * (course.at(-1)?.boxes ?? 0) && !isProven(state, roots.count)) return;
    course.push({ boxes, best: incumbent?.value, bound: boundOf(state, roots.count) });
  }

  /** What a box must stay below to be of interest. */
  private threshold(): number {
    const { incumbent } = this.state;
    if (incumbent === undefined) return Number.POSITIVE_INFINITY;
    return incumbent.value * (1 - Math.max(this.control.gap ?? 0, SAME));
  }

  /** Are the designs that are as good as the best to be counted? */
  private get counts(): boolean {
    return (this.control.gap ?? 0) <= SAME;
  }

  /** What a design may not exceed to be as good as the best. */
  private sameAsBest(): number {
    return (this.state.incumbent?.value ?? 0) * (1 + SAME);
  }

  private async bound(boxes: readonly Box[], both: boolean): Promise<BoxValues> {
    const { objectives, limits } = this.goal;
    this.state.bounded += boxes.length;
    const packed = packBoxes(this.space, boxes);
    return this.evaluator.bound({
      objectives,
      limits,
      count: boxes.length,
      ...packed,
      both,
      threshold: this.threshold(),
    });
  }

  /** Evaluates one design; it becomes the incumbent if it is better. Infinite where it is infeasible. */
  private evaluate(digits: Uint32Array): number {
    const outputs = new Float64Array(OUTPUT_COUNT);
    return this.judge(digits, this.simulate(digitsToDesign(this.space, digits), outputs, 0), outputs, 0);
  }

  /** As {@link evaluate} of boxes of one design each: on all threads where the evaluator is as exact. */
  private async evaluateAll(boxes: readonly Box[]): Promise<number[]> {
    if (this.evaluator.backend !== 'cpu') return boxes.map(({ first }) => this.evaluate(first));
    const { first: digits } = packBoxes(this.space, boxes);
    const { outputs, status } = await this.evaluator.evaluate({ kind: 'digits', digits, count: boxes.length });
    return boxes.map(({ first }, i) => this.judge(first, status[i]!, outputs, i * OUTPUT_COUNT));
  }

  private judge(digits: Uint32Array, status: number, outputs: Float64Array, row: number): number {
    const { state, goal } = this;
    state.evaluated++;
    if (!goal.isFeasible(status, outputs, row)) return Number.POSITIVE_INFINITY;
    state.feasible++;
    const value = goal.valueOf(outputs, row);
    if (state.incumbent === undefined || value < state.incumbent.value)
      state.incumbent = { digits: digits.slice(), value };
    return value;
  }

  private close({ first, last }: Box, reason: Reason): void {
    const { state } = this;
    const count = boxCount({ first, last });
    state.closed++;
    state.designs[reason.kind] += count;
    this.control.onClosed?.({ first, last, reason });
  }

  /** Closes a box that has been bounded, if it may be closed; tells whether. */
  private settle(box: Box, { best, status, broken }: Omit<Child, 'box' | 'worst'>): boolean {
    if (status !== 0) this.close(box, { kind: 'infeasible', status });
    else if (broken !== 0) this.close(box, { kind: 'limits', broken });
    else if (best < this.threshold()) return false;
    else if (this.counts && best <= this.sameAsBest()) this.state.tied.push({ ...box, bound: best });
    else this.close(box, { kind: 'bound', value: best });
    return true;
  }

  /** Bounds the next roots, and leaves those open that may hold something better, the best last. */
  private async openWindow(): Promise<void> {
    const { state } = this;
    const boxes = this.roots.boxes(state.nextRoot, WINDOW);
    const values = await this.bound(boxes, false);
    state.nextRoot += BigInt(boxes.length);
    boxes.forEach((box, i) => {
      const child = childAt(values, i, box);
      if (!this.settle(box, child)) state.open.push({ ...box, bound: child.best });
    });
    state.open.sort((a, b) => b.bound - a.bound);
  }

  /** Takes up to so many boxes from the end of those that wait, of several designs or of one, that are of interest still. */
  private takeOpen(most: number, single: boolean): OpenBox[] {
    const { open } = this.state;
    const taken: OpenBox[] = [];
    while (taken.length < most && open.length > 0 && isSingle(open.at(-1)!) === single) {
      const box = open.pop()!;
      if (!this.settle(box, { best: box.bound, status: 0, broken: 0 })) taken.push(box);
    }
    return taken;
  }

  /** Evaluates the most promising boxes, which are of one design each. */
  private async evaluateWave(): Promise<void> {
    const boxes = this.takeOpen(Math.min(Math.max(this.state.evaluated, LEAST_DESIGNS), MOST_DESIGNS), true);
    const values = await this.evaluateAll(boxes);
    for (const [i, box] of boxes.entries()) {
      const value = values[i]!;
      if (this.counts && value <= this.sameAsBest()) this.state.tied.push(box);
      else this.close(box, { kind: 'evaluated', value });
    }
  }

  /** The halves of boxes in each of their open genes. */
  private async childrenOf(boxes: readonly OpenBox[], both: boolean): Promise<[Child, Child][][]> {
    const genes = boxes.map(openGenes);
    const pairs = boxes.flatMap((box, i) => genes[i]!.map((gene) => halves(box, gene)));
    const values = await this.bound(pairs.flat(), both);
    let at = 0;
    return boxes.map(({ bound }, i) =>
      genes[i]!.map(() => {
        const pair = pairs[at]!;
        const children = pair.map((box, half) => {
          const child = childAt(values, 2 * at + half, box);
          return { ...child, best: Math.max(child.best, bound) };
        });
        at++;
        return children as [Child, Child];
      }),
    );
  }

  /** Splits the most promising boxes, each in the gene in which the bounds of both halves rise most. */
  private async splitWave(): Promise<void> {
    const { state } = this;
    const boxes = this.takeOpen(WAVE, false);
    const children = await this.childrenOf(boxes, false);
    for (const [i, box] of boxes.entries()) this.evaluate(guess(box, children[i]!));
    const top = this.threshold();
    // The most promising box was taken first, and its halves come last.
    for (let i = boxes.length - 1; i >= 0; i--) {
      const pair = chooseRise(boxes[i]!.bound, children[i]!, top).toSorted((a, b) => b.best - a.best);
      for (const child of pair) {
        if (!this.settle(child.box, child)) state.open.push({ ...child.box, bound: child.best });
      }
    }
  }

  /** Looks at boxes whose bound is the best objective: which of their designs attain it? */
  private async countWave(): Promise<void> {
    const { state } = this;
    const boxes: OpenBox[] = [];
    while (boxes.length < WAVE && state.tied.length > 0) {
      const box = state.tied.pop()!;
      const ties = box.bound <= this.sameAsBest();
      if (ties && state.counted < MOST_TIED) boxes.push(box);
      else this.close(box, { kind: 'bound', value: box.bound });
      if (ties && state.counted >= MOST_TIED) state.optimalAtLeast = true;
    }
    state.counted += boxes.length;
    const values = await this.bound(boxes, true);
    const mixed = boxes.filter((box, i) => !this.countBox(childAt(values, i, box)));
    const children = await this.childrenOf(mixed, true);
    mixed.forEach((_, i) => {
      for (const child of chooseCounted(children[i]!, this.sameAsBest())) {
        if (!this.countBox(child)) state.tied.push({ ...child.box, bound: child.best });
      }
    });
  }

  /** Closes a box of which all designs are among the best, or none; tells whether. */
  private countBox({ box, best, worst, status, broken }: Child): boolean {
    const top = this.sameAsBest();
    if (status !== 0) this.close(box, { kind: 'infeasible', status });
    else if (broken !== 0) this.close(box, { kind: 'limits', broken });
    else if (best > top) this.close(box, { kind: 'bound', value: best });
    else if (worst <= top) this.close(box, { kind: 'optimal', value: best });
    else if (isSingle(box)) {
      const value = this.evaluate(box.first);
      this.close(box, { kind: value <= top ? 'optimal' : 'evaluated', value });
    } else return false;
    return true;
  }
}

function childAt({ best, worst, status, broken }: BoxValues, i: number, box: Box): Child {
  return { box, best: best[i]!, worst: worst[i]!, status: status[i]!, broken: broken[i]! };
}

/** A design of a box: of each gene the end of the half whose bound is lower. */
function guess({ first, last }: Box, pairs: readonly [Child, Child][]): Uint32Array {
  const digits = first.slice();
  for (const [lower, upper] of pairs) {
    const gene = upper.box.first.findIndex((digit, g) => digit !== first[g]);
    digits[gene] = lower.best <= upper.best ? first[gene]! : last[gene]!;
  }
  return digits;
}

/** The pair whose bounds rise most above the box's, as a product (Achterberg, Koch and Martin, OR Letters 33(1), 2005). */
function chooseRise(bound: number, pairs: readonly [Child, Child][], top: number): [Child, Child] {
  const least = 1e-12 * bound;
  const rise = ({ best }: Child): number => Math.min(best, top) - bound + least;
  return largest(pairs, ([lower, upper]) => rise(lower) * rise(upper));
}

/** The pair that tells most of its designs: whether all of a half are the best, or none. */
function chooseCounted(pairs: readonly [Child, Child][], top: number): [Child, Child] {
  const told = ({ box, best, worst }: Child): number => (best > top || worst <= top ? Number(boxCount(box)) : 0);
  return largest(pairs, ([lower, upper]) => told(lower) + told(upper));
}

function largest<T extends object>(items: readonly T[], of: (item: T) => number): T {
  let [most, chosen] = [Number.NEGATIVE_INFINITY, items[0]!];
  for (const item of items) {
    const value = of(item);
    if (value > most) [most, chosen] = [value, item];
  }
  return chosen;
}

/**
 * Proves the optimum of a space by the goal's first objective, or goes on with a proof. Changes `state`.
 *
 * @throws CosmicError ARGUMENT where the objective has no bound
 * @example
 * const state = await prove(space, goal, evaluator);
 * state.incumbent; // no design is better
 */
export async function prove(
  space: CompiledSpace,
  goal: Goal,
  evaluator: BoundingEvaluator,
  state: ProofState = newProof(undefined),
  control: ProofControl = {},
): Promise<ProofState> {
  await new Proof(space, goal, evaluator, state, control).run();
  return state;
}
