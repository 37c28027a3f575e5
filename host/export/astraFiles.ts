import { simulateStep } from '../../kernels/astra/schedule/runStep.js';
import { systemOf } from '../validate/astraFiles.js';
import { workloadOf } from '../validate/workloads.js';
import type { AstraExport, AstraRecord } from './astraRecord.js';

/** Time of the step that ASTRA-sim prints, ns; undefined where it does not come to an end. */
export function astraTimeNs(record: AstraRecord): number | undefined {
  const run = runOf(record, null);
  const stages = simulateStep(systemOf(run), workloadOf(run))?.stages;
  return stages === undefined ? undefined : Math.max(...stages.map(({ finishNs }) => finishNs));
}

/** The record with an outcome, as `cosmic validate workloads` reads it. */
function runOf(record: AstraRecord, timeNs: number | null) {
  return structuredClone({ ...record, time_ns: timeNs }) as unknown as Parameters<typeof workloadOf>[0];
}

function networkYaml({ network }: AstraRecord): string {
  const { topology, npus_count, bandwidth_GBps, latency_ns } = network;
  const lists = { topology, npus_count, bandwidth: bandwidth_GBps, latency: latency_ns };
  return Object.entries(lists)
    .map(([name, values]) => `${name}: [ ${values.join(', ')} ]\n`)
    .join('');
}

function systemJson(record: AstraRecord): string {
  const { impl } = record;
  const file = {
    'scheduling-policy': record.scheduling_policy,
    'endpoint-delay': record.endpoint_delay_ns,
    'active-chunks-per-dimension': record.active_chunks_per_dimension,
    'preferred-dataset-splits': record.preferred_dataset_splits,
    'all-reduce-implementation': impl['all-reduce'],
    'all-gather-implementation': impl['all-gather'],
    'reduce-scatter-implementation': impl['reduce-scatter'],
    'all-to-all-implementation': impl['all-to-all'],
    'collective-optimization': record.collective_optimization,
    'local-mem-bw': record.local_mem_bw_GBps,
    'boost-mode': 0,
    'roofline-enabled': 1,
    'peak-perf': record.peak_perf_TFLOPS,
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** STG's command line, its flags in the order of its help. */
export function stgArguments({ workload }: AstraRecord): string[] {
  const { extra_flags, ...flags } = workload;
  const named = ['dp', 'tp', 'sp', 'pp', 'weight_sharded', 'dvocal', 'dmodel', 'dff', 'batch', 'micro_batch'] as const;
  const shape = ['seq', 'head', 'kvhead', 'num_stacks'] as const;
  const arguments_ = [...named, ...shape].flatMap((name) => [`--${name}`, String(flags[name])]);
  return ['--model_type', 'gpt', ...arguments_, ...extra_flags];
}

function scripts(record: AstraRecord): Record<string, string> {
  return {
    'generate.sh': `#!/bin/bash
# Writes the workload: STG=<folder of symbolic_tensor_graph> ./generate.sh
set -e
cd "$(dirname "$0")"
python "\${STG:?}/main.py" --output_dir workload --output_name workload.%d.et \\
  ${stgArguments(record).join(' ').replaceAll(' --', ' \\\n  --')}
`,
    'run.sh': `#!/bin/bash
# Runs it: ASTRA_SIM=<AstraSim_Analytical_Congestion_Unaware> ./run.sh
set -e
cd "$(dirname "$0")"
"\${ASTRA_SIM:?}" \\
  --workload-configuration=workload/workload \\
  --comm-group-configuration=workload/workload.json \\
  --system-configuration=system.json \\
  --network-configuration=network.yml \\
  --remote-memory-configuration=remote_memory.json
`,
  };
}

/**
 * The files of an exported design: network, system, memory, scripts, and `validation.json` with the time that the
 * astra-sim profile expects, for `cosmic validate workloads`.
 *
 * @returns text by file name
 */
export function astraFiles({ record, notes }: AstraExport): Record<string, string> {
  const timeNs = astraTimeNs(record);
  return {
    'network.yml': networkYaml(record),
    'system.json': systemJson(record),
    'remote_memory.json': `${JSON.stringify({ 'memory-type': 'NO_MEMORY_EXPANSION' }, null, 2)}\n`,
    ...scripts(record),
    'validation.json': `${JSON.stringify([runOf(record, timeNs ?? null)], null, 2)}\n`,
    'notes.txt': notes.map((note) => `- ${note}\n`).join(''),
  };
}
