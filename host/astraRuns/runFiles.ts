/** Files with runs of ASTRA-sim: a list of configurations, each with the time that the program took. */
import { z } from 'zod';
import { algorithmNamed } from '../../kernels/astra/collective/phase.js';
import { parseSource, type SourceDocument } from '../../psa/document.js';
import { CosmicError } from '../../psa/errors.js';
import { readText } from '../../psa/files.js';
import { validated } from '../../psa/validate.js';

const positive = z.number().positive().max(1e9);
const delay = z.number().min(0).max(1e9);
const count = z
  .int()
  .min(1)
  .max(2 ** 31);
/** Of NPUs, of the chunks of a collective: each is held. */
const members = z
  .int()
  .min(1)
  .max(2 ** 20);
const splits = z
  .int()
  .min(1)
  .max(2 ** 16);
const algorithm = z
  .string()
  .refine(
    (name) => algorithmNamed(name) !== undefined,
    'use ring, direct, directK, halvingDoubling or doubleBinaryTree',
  );
const algorithms = z.array(algorithm).min(1).max(4);

const networkSchema = z.object({
  topology: z
    .array(z.enum(['Ring', 'Switch', 'FullyConnected']))
    .min(1)
    .max(4),
  npus_count: z.array(members.min(2)).min(1).max(4),
  bandwidth_GBps: z.array(positive).min(1).max(4),
  latency_ns: z.array(delay).min(1).max(4),
});

const systemFields = {
  id: z.string(),
  network: networkSchema,
  total_npus: members,
  impl: z.object({
    'all-reduce': algorithms,
    'all-gather': algorithms,
    'reduce-scatter': algorithms,
    'all-to-all': algorithms,
  }),
  collective_optimization: z.enum(['baseline', 'localBWAware']),
  preferred_dataset_splits: splits,
  active_chunks_per_dimension: splits,
  endpoint_delay_ns: delay,
  local_mem_bw_GBps: z.number().min(0).max(1e9),
  num_queues_per_dim: splits.optional(),
  /** Null where the program does not finish. */
  time_ns: z.number().min(0).nullable(),
};

const collectiveSchema = z.object({
  ...systemFields,
  collective: z.enum(['all_reduce', 'all_gather', 'reduce_scatter', 'all_to_all']),
  comm_size_bytes: z.int().min(1),
  groups: z.record(z.string(), z.array(z.int().min(0)).min(1)).optional(),
});
export type CollectiveRun = z.output<typeof collectiveSchema>;

const vram = z.object({
  total_GiB: z.number(),
  weights_GiB: z.number(),
  opt_GiB: z.number(),
  acts_GiB: z.number(),
  grads_GiB: z.number(),
});

const workloadSchema = z.object({
  ...systemFields,
  peak_perf_TFLOPS: positive,
  workload: z.object({
    num_stacks: count,
    batch: count,
    /** −1: the batch. */
    micro_batch: z.int().min(-1),
    dp: count,
    tp: count,
    sp: count,
    pp: count,
    weight_sharded: z.union([z.literal(0), z.literal(1)]),
    dmodel: count,
    dff: count,
    seq: count,
    dvocal: count,
    extra_flags: z.array(z.string()).default([]),
  }),
  per_npu: z.array(z.object({ finish_ns: z.number(), compute_ns: z.number(), npus: count })).optional(),
  stg_vram_by_stage: z.record(z.string(), vram).optional(),
});
export type WorkloadRun = z.output<typeof workloadSchema>;

type SystemRun = Pick<CollectiveRun, 'network' | 'total_npus' | 'impl' | 'id'>;

/** What no schema of single fields can say of a network. */
function checkNetwork(run: SystemRun, index: number, source: SourceDocument): void {
  const { topology, npus_count, bandwidth_GBps, latency_ns } = run.network;
  const lists = [npus_count, bandwidth_GBps, latency_ns];
  const complain = (message: string, remedy: string, path: (string | number)[]): never => {
    throw new CosmicError('VALUE_OUT_OF_RANGE', `${run.id}: ${message}`, { ...source.place([index, ...path]), remedy });
  };
  if (lists.some((list) => list.length !== topology.length)) {
    complain('its lists differ in length', 'give one value per network dimension in each list', ['network']);
  }
  if (Object.values(run.impl).some((list) => list.length > topology.length)) {
    complain('it has more algorithms than dimensions', 'give at most one algorithm per network dimension', ['impl']);
  }
  const npus = npus_count.reduce((product, n) => product * n, 1);
  if (npus !== run.total_npus) {
    complain(`total_npus is ${run.total_npus}, but npus_count multiplies to ${npus}`, `write ${npus}`, ['total_npus']);
  }
}

function readRuns<Run extends SystemRun>(
  path: string,
  schema: z.ZodType<Run>,
): { runs: Run[]; source: SourceDocument } {
  const source = parseSource(readText(path, 'give the path of a JSON list of runs'), path);
  const runs = validated(z.array(schema).min(1), source);
  for (const [index, run] of runs.entries()) checkNetwork(run, index, source);
  return { runs, source };
}

/** @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, YAML_SYNTAX, SCHEMA, VALUE_OUT_OF_RANGE */
export function readCollectiveRuns(path: string): CollectiveRun[] {
  const { runs, source } = readRuns(path, collectiveSchema);
  runs.forEach(({ id, groups = {}, total_npus }, index) => {
    const stranger = Object.values(groups)
      .flat()
      .find((npu) => npu >= total_npus);
    if (stranger === undefined) return;
    throw new CosmicError('VALUE_OUT_OF_RANGE', `${id}: a group has NPU ${stranger} of ${total_npus}`, {
      ...source.place([index, 'groups']),
      remedy: `number the NPUs from 0 to ${total_npus - 1}`,
    });
  });
  return runs;
}

/** @throws CosmicError as {@link readCollectiveRuns} */
export function readWorkloadRuns(path: string): WorkloadRun[] {
  const { runs, source } = readRuns(path, workloadSchema);
  runs.forEach(({ id, workload, total_npus }, index) => {
    const { dp, tp, sp, pp, batch, micro_batch } = workload;
    const complain = (message: string, remedy: string): never => {
      throw new CosmicError('VALUE_OUT_OF_RANGE', `${id}: ${message}`, {
        ...source.place([index, 'workload']),
        remedy,
      });
    };
    if (dp * tp * sp * pp !== total_npus) {
      complain(
        `dp·tp·sp·pp is ${dp * tp * sp * pp}, but there are ${total_npus} NPUs`,
        'make the degrees multiply to them',
      );
    }
    if (micro_batch === 0 || (micro_batch > 0 && batch % micro_batch !== 0)) {
      complain(
        `micro_batch ${micro_batch} does not divide batch ${batch}`,
        'use a factor of batch, or -1 for all of it',
      );
    }
  });
  return runs;
}
