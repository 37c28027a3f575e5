import {
  DEADLOCK,
  type Plan,
  planCollective,
  planNs,
  type Stop,
  stopAtOnce,
} from '../../kernels/astra/collective/collective.js';
import { Members } from '../../kernels/astra/collective/members.js';
import { COLLECTIVE } from '../../kernels/workload/operation.js';
import { type CollectiveRun, readCollectiveRuns } from '../astraRuns/runFiles.js';
import { systemOf } from '../astraRuns/runTerms.js';
import { collectiveTimes } from '../backends/webgpu/collectives.js';
import { compileFast } from '../backends/webgpu/llvmpipe.js';
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

/** The collectives of a run, one for each group, or why the program comes to no end with one of them. */
function plansOf(run: CollectiveRun): Plan[] | Stop {
  const system = systemOf(run);
  const everybody = { all: Array.from({ length: system.npus }, (_, npu) => npu) };
  const { kind } = COLLECTIVES[run.collective];
  const groups = Object.values(run.groups ?? everybody).filter((group) => group.length > 1);
  const plans: Plan[] = [];
  for (const group of groups) {
    const members = new Members(group);
    const plan = stopAtOnce(system, members) ?? planCollective(system, members, kind, run.comm_size_bytes);
    if ('stop' in plan) return plan;
    plans.push(plan);
  }
  return plans;
}

/** A run beside the time of its slowest NPU, ns, from those of its plans. */
function caseOf(run: CollectiveRun, times: readonly (number | undefined)[] | Stop): Case {
  const known = { id: run.id, group: groupOf(run), expected: run.time_ns ?? undefined };
  if ('stop' in times) return { ...known, ...times };
  return times.includes(undefined)
    ? { ...known, ...DEADLOCK }
    : { ...known, got: Math.max(0, ...(times as readonly number[])) };
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
  const runs = readCollectiveRuns(path);
  return summarize(
    runs.map((run) => {
      const plans = plansOf(run);
      return caseOf(run, 'stop' in plans ? plans : plans.map(planNs));
    }),
  );
}

/**
 * As {@link validateCollectives}, on WebGPU in whole numbers of 32 bits, which stand for doubles too: as exact.
 *
 * @returns the results, and on what
 * @throws CosmicError besides NO_ADAPTER, SHADER, BACKEND_LIMIT
 */
export async function validateCollectivesOnGpu(path: string): Promise<CaseResults & { readonly backend: string }> {
  compileFast();
  const runs = readCollectiveRuns(path);
  const plans = runs.map(plansOf);
  const { times, adapter } = await collectiveTimes(plans.flatMap((own) => ('stop' in own ? [] : own)));
  let next = 0;
  const cases = runs.map((run, i) => {
    const own = plans[i]!;
    if ('stop' in own) return caseOf(run, own);
    next += own.length;
    return caseOf(run, times.slice(next - own.length, next));
  });
  return { ...summarize(cases), backend: `webgpu, ${adapter}` };
}
