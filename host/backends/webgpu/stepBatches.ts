/** Designs whose steps are dispatched together, and where each lies. */
import { STEPS_WORKGROUP_SIZE } from '../../../kernels/astra/schedule/modules.js';
import { type PackedStep, unpackTimes } from '../../../kernels/astra/schedule/packedStep.js';
import { ROWS_STATUS, type RowTimesDesigns } from '../../../kernels/astra/schedule/rowTimesLayout.js';
import { GROUPS, type StepTimes } from '../../../kernels/astra/schedule/stage.js';
import { STEP_RESULT_WORDS, STEP_WORKGROUP, STEP_WORKGROUP_WORDS } from '../../../kernels/astra/schedule/stepLayout.js';
import { threadBytesOf } from './rowTimes.js';

/** Designs of one shape, with their durations one after another. */
export interface TimedDesigns {
  readonly packed: PackedStep;
  readonly durationsNs: Uint32Array;
}

/** Designs of one shape and workload, whose rows' times are found on the device. */
export interface StepDesigns {
  readonly packed: PackedStep;
  readonly rows: RowTimesDesigns;
  /** Asked is only whether the program ends them: then no step is run, and its times are 0. */
  readonly endsAlone?: boolean;
}

const NO_TIMES: StepTimes = {
  last: { finishNs: 0, computeNs: 0, updateNs: 0, idleNs: 0, exposedNs: new Array<number>(GROUPS).fill(0) },
  computeNs: 0,
};

/** A step that the program does not end. */
export const STOPS = 'stops';

/** What the device tells of a step; undefined where the CPU has to run it. */
export type DeviceStep = StepTimes | typeof STOPS | undefined;

/** Bytes that steps that run at a time may take for their states, or for what finds times, as WebGPU's smallest devices have them. */
export const STATE_BYTES = 2 ** 26;

export type Designs = TimedDesigns | StepDesigns;

export function countOf(designs: Designs): number {
  return 'rows' in designs ? designs.rows.systems.length : designs.durationsNs.length / (2 * designs.packed.durations);
}

/** Some of the designs. */
function partOf(designs: Designs, begin: number, end: number): Designs {
  const { packed } = designs;
  if ('rows' in designs)
    return { ...designs, rows: { ...designs.rows, systems: designs.rows.systems.slice(begin, end) } };
  return {
    packed,
    durationsNs: designs.durationsNs.subarray(2 * packed.durations * begin, 2 * packed.durations * end),
  };
}

/** Parts of designs that fit: whole workgroups, or as many designs as there is room to find the times of; one of the largest. */
export function* partsOf(designs: Designs): Generator<Designs> {
  const rowBytes = 'rows' in designs ? threadBytesOf(designs.rows) : 0;
  const designBytes = Math.max(4 * designs.packed.stateWords, rowBytes);
  const groups = Math.floor(STATE_BYTES / (STEPS_WORKGROUP_SIZE * designBytes));
  const fewer = rowBytes > 0 ? Math.floor(STATE_BYTES / rowBytes) : STEPS_WORKGROUP_SIZE;
  const step = groups > 0 ? groups * STEPS_WORKGROUP_SIZE : Math.min(STEPS_WORKGROUP_SIZE, Math.max(1, fewer));
  for (let at = 0; at < countOf(designs); at += step) yield partOf(designs, at, at + step);
}

/** What is dispatched together. */
export class Batch {
  readonly workgroups: number[] = [];
  readonly designs: Designs[] = [];
  stateWords = 0;
  count = 0;
  private rowBytes = 0;
  private durations = 0;
  /** The shape of the last workgroup, and how many more designs of it that has room for. */
  private step = -1;
  private room = 0;

  /** Of the larger of its buffers. */
  get bytes(): number {
    return Math.max(4 * this.stateWords, this.rowBytes);
  }

  /** Of a shape that begins there; those of one shape that follow one another share workgroups. */
  add(designs: Designs, step: number): void {
    const { packed } = designs;
    const endsAlone = 'rows' in designs && designs.endsAlone === true;
    if (step !== this.step || endsAlone) this.room = 0;
    this.step = step;
    if (endsAlone) {
      this.count += countOf(designs);
      this.durations += countOf(designs) * packed.durations;
    }
    for (let left = endsAlone ? 0 : countOf(designs); left > 0; ) {
      if (this.room === 0) this.open(packed);
      const count = Math.min(left, this.room);
      this.workgroups[this.workgroups.length - STEP_WORKGROUP_WORDS + STEP_WORKGROUP.count]! += count;
      this.room -= count;
      this.count += count;
      this.durations += count * packed.durations;
      left -= count;
    }
    if ('rows' in designs) this.rowBytes += countOf(designs) * threadBytesOf(designs.rows);
    this.designs.push(designs);
  }

  /** A workgroup without designs. */
  private open(packed: PackedStep): void {
    const { step, count: first, stateWords: state, durations } = this;
    const words = new Array<number>(STEP_WORKGROUP_WORDS);
    const places = { step, first, count: 0, state, durations };
    for (const [name, value] of Object.entries(places)) words[STEP_WORKGROUP[name as keyof typeof places]] = value;
    this.workgroups.push(...words);
    this.stateWords += packed.stateWords * STEPS_WORKGROUP_SIZE;
    this.room = STEPS_WORKGROUP_SIZE;
  }

  /** Those that have them. */
  durationsNs(): Uint32Array {
    const all = new Uint32Array(2 * this.durations);
    let at = 0;
    for (const designs of this.designs) {
      if ('rows' in designs) continue;
      all.set(designs.durationsNs, at);
      at += designs.durationsNs.length;
    }
    return all;
  }

  /** @param statuses of rows' times, where the device has found them */
  times(results: Uint32Array, statuses: Uint32Array): DeviceStep[] {
    let design = 0;
    return this.designs.flatMap((designs) =>
      Array.from({ length: countOf(designs) }, () => {
        const status = statuses[design] ?? ROWS_STATUS.ends;
        const at = STEP_RESULT_WORDS * design++;
        if (status === ROWS_STATUS.stop) return STOPS;
        if (status !== ROWS_STATUS.ends) return undefined;
        return 'rows' in designs && designs.endsAlone === true ? NO_TIMES : unpackTimes(designs.packed, results, at);
      }),
    );
  }
}
