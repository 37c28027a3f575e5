/** Lowered steps under conditions that hold for many designs: what happens of them, as the f64 chain runs it. */
import { type CommunicateStep, rowsOf, type Step, type WaitStep } from './lowering.js';
import { flagBits, GROUP, isCollective, JOIN, type Operation, WAITED_AS } from './operation.js';
import { isLayerAgain } from './recomputation.js';

/** What decides which steps happen. */
export interface Conditions {
  /** FLAG, as bits. */
  readonly flags: number;
  /** The groups that have several NPUs, as bits. */
  readonly several: number;
  /** May compute run beside the collectives of a section? */
  readonly overlaps: boolean;
}

/** A call (its number from 1), if there is one; what compute then waits for (JOIN), and the rows that it computes. */
export interface Segment {
  readonly call: number;
  /** What compute waits for the call as: tp, sp or ep. */
  readonly waited: number;
  /** How often the call runs in the mean of all layers. */
  readonly share: number;
  /** Does it run with layers that are recomputed whole? */
  readonly again: boolean;
  /** May the call travel in pieces beside products? */
  readonly pipelined: boolean;
  join: number;
  readonly rows: Operation[];
}

/** Does a row run: of the flags that matter to it, are those set that must be, and no others? */
export function runs({ when }: Pick<Operation, 'when'>, flags: number): boolean {
  const { mask, value } = flagBits(when);
  return (flags & mask) === value;
}

/** Does a collective take place? */
export function takesPlace(row: Operation, { flags, several }: Conditions): boolean {
  return isCollective(row) && runs(row, flags) && ((several >> GROUP[row.group]) & 1) === 1;
}

/** A call that compute has not waited for ends the segment. */
const isOpenCall = ({ call, join }: Segment): boolean => call > 0 && join !== JOIN.last;

class Segments {
  readonly list: Segment[] = [];
  /** Collectives that compute has not waited for, and whether it may run beside the last of them. */
  private pending = 0;
  private beside = false;

  constructor(private readonly conditions: Conditions) {}

  private add(call: number, join: number, row?: CommunicateStep['row']): Segment {
    const segment = {
      call,
      waited: row === undefined ? 0 : WAITED_AS[GROUP[row.group]]!,
      share: row?.share ?? 1,
      again: row !== undefined && isLayerAgain(row),
      pipelined: row?.pipelined ?? false,
      join,
      rows: [],
    };
    this.list.push(segment);
    return segment;
  }

  /** The rows that run go to the segment that is there, or to a new one behind a call. */
  compute(rows: readonly Operation[]): void {
    const own = rows.filter((row) => runs(row, this.conditions.flags));
    if (own.length === 0) return;
    const last = this.list.at(-1);
    const segment = last === undefined || isOpenCall(last) ? this.add(0, JOIN.none) : last;
    segment.rows.push(...own);
  }

  /** Compute waits, if a collective may not have ended. One that nothing runs beside becomes one segment with what follows. */
  wait(step: WaitStep): void {
    const join = this.beside ? JOIN[step.join] : JOIN.last;
    if (this.pending === 0 || join === JOIN.none || !runs(step, this.conditions.flags)) return;
    const last = this.list.at(-1)!;
    if (this.pending === 1 && join === JOIN.last && isOpenCall(last)) last.join = join;
    else this.add(0, join);
    this.pending = join === JOIN.last ? 0 : 1;
  }

  communicate({ row, call }: CommunicateStep): void {
    if (!takesPlace(row, this.conditions)) return;
    this.add(call + 1, JOIN.none, row);
    this.pending++;
    this.beside = this.conditions.overlaps || row.group === 'contextRing';
  }
}

/** The steps of a section that happen. */
export function segmentsOf(steps: readonly Step[], conditions: Conditions): readonly Segment[] {
  const segments = new Segments(conditions);
  for (const step of steps) {
    if (step.kind === 'compute') segments.compute(rowsOf(step));
    else if (step.kind === 'wait') segments.wait(step);
    else segments.communicate(step);
  }
  return segments.list;
}
