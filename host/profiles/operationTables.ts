/** A step as a table of operations and one of collectives: what the tables have. */
import type { Collective } from '../../kernels/workload/operation.js';

/** An operation of an op graph, and what it adds up to in a step of the stage that it belongs to. */
export interface OperationRow {
  /** Which part of the op graph: `layerForward`, `head`, … */
  readonly section: string;
  readonly name: string;
  /** GFLOP, or what else the profile counts: see {@link GraphTables.workUnit}. */
  readonly work: number;
  /** Bytes read and written, or a collective's payload. */
  readonly sizeMB: number;
  /** Which side of the roofline bounds it; `network` for a collective. */
  readonly bound: 'arithmetic' | 'memory' | 'network';
  readonly collective: Collective | 'send' | undefined;
  /** For people: `tensor parallel`; undefined for a computation. */
  readonly group: string | undefined;
  /** NPUs of the group, and how they lie in the network: `0: 4 ring × 1: 8 direct`; empty where the profile does not tell. */
  readonly npus: number;
  readonly over: string;
  /** Of one run, us. */
  readonly timeUs: number;
  readonly runs: number;
  readonly stepUs: number;
}

/** All collectives of one kind over one group. */
export interface CollectiveRow {
  readonly group: string;
  readonly collective: Collective | 'send';
  readonly over: string;
  readonly npus: number;
  /** Of one run: its payload in MB and its time in us; means where the runs differ. */
  readonly payloadMB: number;
  readonly timeUs: number;
  readonly runs: number;
  readonly stepUs: number;
}

/** Something that a stage does while a micro-batch passes through one layer. */
export interface LayerRun {
  readonly pass: 'forward' | 'backward';
  readonly name: string;
  readonly bound: OperationRow['bound'];
  /** Since the pass began, us. */
  readonly startUs: number;
  readonly endUs: number;
}

/** The tables of one phase of a workload. */
export interface GraphTables {
  readonly title: string;
  readonly weight: number;
  readonly microBatches: number;
  /** Of the stage that the operations are from, and which that is. */
  readonly layersPerStage: number;
  readonly stage: string;
  /** `GFLOP`, or `G operations` where a multiply-accumulate counts once. */
  readonly workUnit: string;
  readonly operations: readonly OperationRow[];
  readonly collectives: readonly CollectiveRow[];
  readonly layer: readonly LayerRun[];
  /** One step of the phase, us; less than the sum of the rows where communication hides behind compute. */
  readonly timeUs: number;
  readonly computeUs: number;
}

/** The collectives among operations, joined by kind and group. */
export function joinCollectives(rows: readonly OperationRow[]): CollectiveRow[] {
  const joined = new Map<string, CollectiveRow>();
  for (const { collective, group, over, npus, sizeMB, runs, stepUs } of rows) {
    if (collective === undefined || group === undefined) continue;
    const key = `${group} ${collective}`;
    const before = joined.get(key);
    const all = (before?.runs ?? 0) + runs;
    joined.set(key, {
      group,
      collective,
      over,
      npus,
      payloadMB: ((before?.payloadMB ?? 0) * (before?.runs ?? 0) + sizeMB * runs) / all,
      timeUs: ((before?.stepUs ?? 0) + stepUs) / all,
      runs: all,
      stepUs: (before?.stepUs ?? 0) + stepUs,
    });
  }
  return [...joined.values()];
}
