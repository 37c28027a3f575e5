/** One collective in the default profile. */

import { ALL_DIMENSIONS } from '../../kernels/changes.js';
import {
  checkChannels,
  collectiveUs,
  MULTI_DIMENSIONAL,
  openChannels,
  stationBusyUs,
} from '../../kernels/collective/collective.js';
import { ALGORITHM, algorithmOf } from '../../kernels/collective/phase.js';
import { layAxes, readNetwork } from '../../kernels/network/network.js';
import { reasonsOf, STATUS } from '../../kernels/outputs.js';
import { createState, type State } from '../../kernels/state.js';
import { CHANNEL_GROUPS, COLLECTIVE, GROUP, GROUP_COUNT } from '../../kernels/workload/operation.js';
import { MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { type CollectiveCall, type CollectivePhase, type CollectiveRun, groupDesign } from './collectiveRun.js';

const MB = 1e6;
const ALL_GROUPS = (1 << GROUP_COUNT) - 1;
const ALGORITHM_NAMES = Object.keys(ALGORITHM);

function phasesOf(s: State, channel: number, { collective, bytes }: CollectiveCall): CollectivePhase[] {
  const kind = COLLECTIVE[collective];
  const flat = s.design[SLOT.collective.multiDimensional] === MULTI_DIMENSIONAL.flatRing && collective !== 'allToAll';
  return Array.from({ length: MAX_DIMENSIONS }, (_, dimension) => ({
    dimension,
    collective,
    npus: s.groupFactor[GROUP.tp * MAX_DIMENSIONS + dimension]!,
    algorithm: flat ? 'flat ring' : ALGORITHM_NAMES[algorithmOf(s, kind, dimension)]!,
    busyUs: stationBusyUs(s, channel, dimension, bytes / MB),
  })).filter(({ npus }) => npus > 1);
}

export function defaultCollective({ tiers, ...space }: CompiledSpace, call: CollectiveCall): CollectiveRun {
  const s = createState({ name: call.collective, phases: [] }, tiers);
  s.design = groupDesign({ tiers, ...space }, call.npus);
  readNetwork(s, ALL_DIMENSIONS);
  layAxes(s);
  const channel = COLLECTIVE[call.collective] * CHANNEL_GROUPS + GROUP.tp;
  checkChannels(s, 1 << channel, ALL_GROUPS);
  openChannels(s, 1 << channel, ALL_GROUPS, ALL_GROUPS);
  const status = s.status | (s.badChannels === 0 ? 0 : STATUS.ALGORITHM);
  if (status !== 0) return { stop: reasonsOf(status).join('; ') };
  return { timeUs: collectiveUs(s, channel, call.bytes / MB), phases: phasesOf(s, channel, call) };
}
