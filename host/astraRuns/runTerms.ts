/** Runs of ASTRA-sim in the terms of the astra-sim profile. */
import { linkBytesPerNs, type System } from '../../kernels/astra/collective/message.js';
import { algorithmNamed } from '../../kernels/astra/collective/phase.js';
import type { StgWorkload } from '../../kernels/astra/schedule/rowTimes.js';
import { TOPOLOGY } from '../../kernels/network/network.js';
import type { CollectiveRun, WorkloadRun } from './runFiles.js';

/** The system of a run; its peak is 0 where the file gives none. */
export function systemOf(run: Omit<CollectiveRun, 'collective' | 'comm_size_bytes'> | WorkloadRun): System {
  const { network, impl } = run;
  const topologies = { Ring: TOPOLOGY.ring, Switch: TOPOLOGY.switch, FullyConnected: TOPOLOGY.fullyConnected };
  const lists = [impl['all-reduce'], impl['all-gather'], impl['reduce-scatter'], impl['all-to-all']];
  return {
    dimensions: network.topology.map((topology, d) => ({
      topology: topologies[topology],
      npus: network.npus_count[d]!,
      bytesPerNs: linkBytesPerNs(network.bandwidth_GBps[d]!),
      latencyNs: network.latency_ns[d]!,
      algorithms: lists.map((list) => algorithmNamed(list[d] ?? '')),
    })),
    npus: run.total_npus,
    chunks: run.preferred_dataset_splits,
    activeChunks: run.active_chunks_per_dimension,
    queues: run.num_queues_per_dim ?? 1,
    localBandwidthAware: run.collective_optimization === 'localBWAware',
    endpointNs: run.endpoint_delay_ns,
    memoryBandwidth: run.local_mem_bw_GBps * 1e9,
    peak: 'peak_perf_TFLOPS' in run ? run.peak_perf_TFLOPS * 1e12 : 0,
  };
}

/** A run's workload in the terms of the astra-sim profile. */
export function workloadOf({ workload: w }: WorkloadRun): StgWorkload {
  const tpsp = w.extra_flags.indexOf('--tpsp');
  return {
    layers: w.num_stacks,
    hidden: w.dmodel,
    ffn: w.dff,
    vocab: w.dvocal,
    seq: w.seq,
    batch: w.batch,
    microBatch: w.micro_batch > 0 ? w.micro_batch : w.batch,
    dp: w.dp,
    tp: w.tp,
    cp: w.sp,
    pp: w.pp,
    sharded: w.weight_sharded === 1,
    tpsp: tpsp < 0 || w.extra_flags[tpsp + 1] !== '0',
  };
}
