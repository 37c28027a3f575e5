/** A tensor-parallel group on dimensions of one's own, whose collectives tests time by themselves. */
import { collectiveUs, openChannels } from '../kernels/collective/collective.js';
import { ALGORITHM } from '../kernels/collective/phase.js';
import { layAxes, linkCount, readNetwork, TOPOLOGY } from '../kernels/network/network.js';
import { createState, type State } from '../kernels/state.js';
import { CHANNEL_GROUPS, GROUP } from '../kernels/workload/operation.js';
import { packAxisOrder } from '../psa/parameters/axes.js';
import { type ParameterName, slotOf } from '../psa/parameters.js';

export interface Dimension {
  topology: number;
  npus: number;
  /** Of one link. */
  linkGBps: number;
  latencyNs: number;
  algorithm: number;
}

/** A state whose tensor-parallel group is the innermost `tp` NPUs of the given dimensions. */
export function networkState(
  dimensions: Dimension[],
  tp: number,
  scalars: Partial<Record<ParameterName, number>> = {},
): State {
  const s = createState({ name: 'none', phases: [] }, [0, 0, 0, 0]);
  const put = (name: ParameterName, value: number, offset = 0) => {
    s.design[slotOf(name) + offset] = value;
  };
  for (let d = 0; d < 4; d++) {
    const { topology, npus, linkGBps, latencyNs, algorithm } = dimensions[d] ?? {
      topology: TOPOLOGY.ring,
      npus: 1,
      linkGBps: 1,
      latencyNs: 0,
      algorithm: ALGORITHM.ring,
    };
    put('network.topology', topology, d);
    put('network.npus', npus, d);
    put('network.bandwidthGBps', linkGBps * linkCount(topology, npus), d);
    put('network.latencyNs', latencyNs, d);
    put('network.efficiency', 1, d);
    put('collective.algorithm', algorithm, d);
    for (const kind of ['allReduce', 'allGather', 'reduceScatter', 'allToAll'] as const) {
      put(`collective.${kind}Algorithm`, ALGORITHM.same, d);
    }
  }
  const npus = dimensions.reduce((product, dimension) => product * dimension.npus, 1);
  for (const name of ['workload.sp', 'workload.ep', 'workload.pp'] as const) put(name, 1);
  put('workload.tp', tp);
  put('workload.dp', npus / tp);
  put('workload.axisOrder', packAxisOrder(['tp', 'sp', 'ep', 'dp', 'pp']));
  // Reductions cost nothing unless a test says so.
  put('compute.memoryBandwidthGBps', 1e12);
  put('compute.memoryEfficiency', 1);
  put('compute.elementwiseShare', 1);
  put('network.reductionShare', 1);
  put('collective.chunks', 1);
  put('collective.multiDimensional', 1);
  for (const [name, value] of Object.entries(scalars)) put(name as ParameterName, value);
  readNetwork(s);
  layAxes(s);
  return s;
}

/** Opens a channel of the tensor-parallel group. */
export function openTp(s: State, kind: number): void {
  openChannels(s, 1 << (kind * CHANNEL_GROUPS + GROUP.tp), 1 << GROUP.tp, 1 << GROUP.tp);
}

/** Time of a collective of the tensor-parallel group, us. */
export function tpCollectiveUs(s: State, kind: number, sizeMB: number): number {
  openTp(s, kind);
  return collectiveUs(s, kind * CHANNEL_GROUPS + GROUP.tp, sizeMB);
}

export function dimension(
  topology: number,
  npus: number,
  algorithm: number,
  linkGBps = 100,
  latencyNs = 500,
): Dimension {
  return { topology, npus, linkGBps, latencyNs, algorithm };
}
