import { finishNs, simulateStep } from '../../kernels/astra/schedule/runStep.js';
import { jsonText } from '../../psa/plainData.js';
import { systemOf, workloadOf } from '../astraRuns/runTerms.js';
import type { AstraExport, AstraRecord } from './astraRecord.js';

/** Time of the step that ASTRA-sim prints, ns; undefined where it does not come to an end. */
export function astraTimeNs(record: AstraRecord): number | undefined {
  const run = runOf(record, null);
  const step = simulateStep(systemOf(run), workloadOf(run));
  return 'stop' in step ? undefined : finishNs(step);
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
  return jsonText(file);
}

/** STG's command line, its flags in the order of its help. */
function stgArguments({ workload }: AstraRecord): string[] {
  const { extra_flags, ...flags } = workload;
  const named = ['dp', 'tp', 'sp', 'pp', 'weight_sharded', 'dvocal', 'dmodel', 'dff', 'batch', 'micro_batch'] as const;
  const shape = ['seq', 'head', 'kvhead', 'num_stacks'] as const;
  const arguments_ = [...named, ...shape].flatMap((name) => [`--${name}`, String(flags[name])]);
  return ['--model_type', 'gpt', ...arguments_, ...extra_flags];
}

/** The generator opens its spreadsheets relative to its own folder, so it runs there. */
function generateScript(record: AstraRecord): string {
  return `#!/bin/bash
# Writes the workload: STG=<folder of symbolic_tensor_graph> ./generate.sh
# PYTHON: the interpreter that has its packages, by default python3.
set -e
here="$(cd "$(dirname "$0")" && pwd)"
python="\${PYTHON:-$(command -v python3 || command -v python)}"
mkdir -p "$here/workload"
# The generator opens its spreadsheets relative to its own folder.
cd "\${STG:?is to be the folder of symbolic_tensor_graph}"
"$python" main.py --output_dir "$here/workload" --output_name workload.%d.et \\
  ${stgArguments(record).join(' ').replaceAll(' --', ' \\\n  --')}
`;
}

/** The program keeps the trace of each NPU open. */
function runScript({ total_npus }: AstraRecord): string {
  return `#!/bin/bash
# Runs it and writes the time into validation.json: ASTRA_SIM=<AstraSim_Analytical_Congestion_Unaware> ./run.sh
set -eo pipefail
program="$(command -v "\${ASTRA_SIM:?is to be the program}")"
program="$(cd "$(dirname "$program")" && pwd)/$(basename "$program")"
cd "$(dirname "$0")"
# A file of each of the ${total_npus} NPUs is open at once, besides some of the program's own.
files=${total_npus + 64}
limit="$(ulimit -Sn)"
if [ "$limit" != unlimited ] && [ "$limit" -lt "$files" ]; then
  ulimit -Sn "$files" || { echo "raise the limit of open files to $files: ulimit -n $files, as root" >&2; exit 1; }
fi
"$program" \\
  --workload-configuration=workload/workload \\
  --comm-group-configuration=workload/workload.json \\
  --system-configuration=system.json \\
  --network-configuration=network.yml \\
  --remote-memory-configuration=remote_memory.json | tee astra-sim.log
times="$(grep -oE 'finished, [0-9]+ cycles' astra-sim.log | grep -oE '[0-9]+' | sort -n || true)"
if [ "$(echo "$times" | wc -w)" -ne ${total_npus} ]; then
  echo "not all of the ${total_npus} NPUs have finished: validation.json keeps null" >&2
  exit 1
fi
slowest="$(echo "$times" | tail -n 1)"
sed -E 's/"time_ns": [a-z0-9]+/"time_ns": '"$slowest"'/' validation.json > validation.json.new
mv validation.json.new validation.json
`;
}

/**
 * The files of an exported design: network, system, memory, scripts; `validation.json`, into which run.sh writes the time that
 * the program prints, for `cosmic validate workloads`; apart from it `expected.json` with the time of the astra-sim profile.
 *
 * @returns text by file name
 */
export function astraFiles({ record, notes }: AstraExport): Record<string, string> {
  return {
    'network.yml': networkYaml(record),
    'system.json': systemJson(record),
    'remote_memory.json': jsonText({ 'memory-type': 'NO_MEMORY_EXPANSION' }),
    'generate.sh': generateScript(record),
    'run.sh': runScript(record),
    'validation.json': jsonText([runOf(record, null)]),
    'expected.json': jsonText({ by: 'the astra-sim profile of cosmic', time_ns: astraTimeNs(record) ?? null }),
    'notes.txt': notes.map((note) => `- ${note}\n`).join(''),
  };
}
