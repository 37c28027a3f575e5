import { usableMB } from '../../kernels/memory/memory.js';
import { OUTPUT, OUTPUT_COUNT, OUTPUTS, type OutputName, STATUS } from '../../kernels/outputs.js';
import type { Results } from '../backends/evaluator.js';
import { type Errors, statistics } from './statistics.js';

/** Differences above it fail. */
export const TOLERANCE = 1e-4;

/** Failures that are listed; all are counted. */
const LISTED_FAILURES = 20;

/** Where a difference was seen: enough to see it again. */
export interface Where {
  readonly space: string;
  readonly system: string;
  readonly model: string;
  /** What is held over the space, as `--set` takes it. */
  readonly held: readonly string[];
  readonly ordinal: string;
}

/** One output's differences. */
export interface OutputErrors extends Errors {
  readonly output: OutputName;
  /** The design of the largest difference; undefined if there is none. */
  readonly worst: (Where & { readonly tested: number; readonly reference: number }) | undefined;
}

/** A design that is not the same on both. */
export interface Failure extends Where {
  readonly output: OutputName | 'status';
  readonly tested: number;
  readonly reference: number;
  readonly relError: number;
}

/** Statuses that differ. */
export interface StatusDifferences {
  readonly different: number;
  /** Of these, designs whose memory is within {@link TOLERANCE} of the capacity: f32 may err there. */
  readonly nearLimit: number;
}

/** What a comparison comes to. The errors at the top are over all outputs. */
export interface Verdict extends Errors {
  readonly tolerance: number;
  /** No failure: every output a number and within the tolerance, every status the same but at the limit of memory. */
  readonly passed: boolean;
  readonly statuses: StatusDifferences;
  readonly failureCount: number;
  /** The first of the failures. */
  readonly failures: readonly Failure[];
  /** One per output. */
  readonly groups: readonly OutputErrors[];
}

/** A difference relative to the reference's output, or to the whole that the output is a part of. */
function relativeError(tested: number, reference: number, whole: number): number {
  const difference = Math.abs(tested - reference);
  return difference === 0 ? 0 : difference / Math.max(Math.abs(whole), Math.abs(tested));
}

/** Collects the differences between two backends' results of the same designs. */
export class Comparison {
  private readonly errors = OUTPUTS.map((): number[] => []);
  private readonly exact = OUTPUTS.map(() => 0);
  private readonly worst: (OutputErrors['worst'] | undefined)[] = OUTPUTS.map(() => undefined);
  private readonly largest = OUTPUTS.map(() => 0);
  private different = 0;
  private nearLimit = 0;
  /** The first failures. */
  readonly failures: Failure[] = [];
  failureCount = 0;

  /**
   * Compares results. Designs whose statuses differ are counted there, and their outputs left out.
   *
   * @param whereOf tells of the design at an index
   * @param designOf its design vector
   */
  add(tested: Results, reference: Results, whereOf: (i: number) => Where, designOf: (i: number) => Float64Array): void {
    for (let i = 0; i < reference.count; i++) {
      if (tested.status[i] === reference.status[i]) this.addOutputs(tested, reference, i, whereOf);
      else this.addStatus(tested, reference, i, whereOf, designOf);
    }
  }

  private addStatus(
    tested: Results,
    reference: Results,
    i: number,
    whereOf: (i: number) => Where,
    designOf: (i: number) => Float64Array,
  ): void {
    this.different++;
    const [a, b] = [tested.status[i]!, reference.status[i]!];
    const capacityMB = usableMB(designOf(i));
    const reservedMB = reference.outputs[i * OUTPUT_COUNT + OUTPUT.reservedMB]!;
    const close = (a ^ b) === STATUS.MEMORY && Math.abs(reservedMB - capacityMB) <= TOLERANCE * capacityMB;
    if (close) this.nearLimit++;
    else this.fail({ ...whereOf(i), output: 'status', tested: a, reference: b, relError: 1 });
  }

  private addOutputs(tested: Results, reference: Results, i: number, whereOf: (i: number) => Where): void {
    const row = i * OUTPUT_COUNT;
    OUTPUTS.forEach(({ name }, place) => {
      this.addOutput(name, tested.outputs[row + place]!, reference.outputs, row, () => whereOf(i));
    });
  }

  /** Compares one output with that of the reference whose outputs begin at `row`. */
  addOutput(name: OutputName, a: number, reference: Float64Array, row: number, where: () => Where): void {
    const place = OUTPUT[name];
    const b = reference[row + place]!;
    const error = relativeError(a, b, reference[row + OUTPUT[OUTPUTS[place]!.partOf ?? name]]!);
    this.errors[place]!.push(error);
    if (Math.fround(a) === Math.fround(b)) this.exact[place]!++;
    if (error > this.largest[place]!) {
      this.largest[place] = error;
      this.worst[place] = { ...where(), tested: a, reference: b };
    }
    // Written so that a NaN fails.
    if (!(error <= TOLERANCE)) this.fail({ ...where(), output: name, tested: a, reference: b, relError: error });
  }

  /** Counts a failure, and lists it if it is among the first. */
  fail(failure: Failure): void {
    this.failureCount++;
    if (this.failures.length < LISTED_FAILURES) this.failures.push(failure);
  }

  get statuses(): StatusDifferences {
    return { different: this.different, nearLimit: this.nearLimit };
  }

  verdict(): Verdict {
    const { statuses, failureCount, failures } = this;
    return {
      tolerance: TOLERANCE,
      passed: failureCount === 0,
      ...this.total(),
      statuses,
      failureCount,
      failures,
      groups: this.groups(),
    };
  }

  private total(): Errors {
    const all = new Float64Array(this.errors.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const errors of this.errors) {
      all.set(errors, at);
      at += errors.length;
    }
    return statistics(
      all,
      this.exact.reduce((sum, exact) => sum + exact, 0),
    );
  }

  /** Per output. */
  groups(): OutputErrors[] {
    return OUTPUTS.map(({ name }, place) => ({
      output: name,
      ...statistics(Float64Array.from(this.errors[place]!), this.exact[place]!),
      worst: this.worst[place],
    }));
  }
}
