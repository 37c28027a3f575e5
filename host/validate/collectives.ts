import { groupNs } from '../../kernels/collective/astraCollective.js';
import { COLLECTIVE } from '../../kernels/workload/operation.js';
import { type CollectiveRun, readCollectiveRuns, systemOf } from './astraFiles.js';
import { type Case, type CaseResults, summarize } from './cases.js';

const COLLECTIVES = {
  all_reduce: { kind: COLLECTIVE.allReduce, key: 'all-reduce' },
  all_gather: { kind: COLLECTIVE.allGather, key: 'all-gather' },
  reduce_scatter: { kind: COLLECTIVE.reduceScatter, key: 'reduce-scatter' },
  all_to_all: { kind: COLLECTIVE.allToAll, key: 'all-to-all' },
} as const;

/** Collective × algorithms × dimensions: `all_reduce direct+ring 2-D`. */
function groupOf({ collective, impl, network, groups }: CollectiveRun): string {
  const algorithms = [...new Set(impl[COLLECTIVES[collective].key])].sort().join('+');
  const where = groups === undefined ? '' : ' in groups';
  return `${collective} ${algorithms} ${network.topology.length}-D${where}`;
}

/** Time of the slowest NPU, ns. */
function predict(run: CollectiveRun): number | undefined {
  const system = systemOf(run);
  const everybody = { all: Array.from({ length: system.npus }, (_, npu) => npu) };
  const { kind } = COLLECTIVES[run.collective];
  const times = Object.values(run.groups ?? everybody).map((group) =>
    groupNs(system, group, kind, run.comm_size_bytes),
  );
  return times.includes(undefined) ? undefined : Math.max(...(times as number[]));
}

function caseOf(run: CollectiveRun): Case {
  return { id: run.id, group: groupOf(run), expected: run.time_ns ?? undefined, got: predict(run) };
}

/**
 * Predicts runs of single collectives in ASTRA-sim, in f64 on the CPU, and compares whole nanoseconds.
 *
 * @param path a JSON list of runs, as in test/data/astra-sim/collectives.json; time_ns is null where the program deadlocks
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, YAML_SYNTAX, SCHEMA, VALUE_OUT_OF_RANGE
 * @example
 * const { cases, exact } = validateCollectives('collectives.json');
 */
export function validateCollectives(path: string): CaseResults {
  return summarize(readCollectiveRuns(path).map(caseOf));
}
