/** One collective in the astra-sim profile. */

import { DEADLOCK, type Plan, planCollective, planNs, stopAtOnce } from '../../kernels/astra/collective/collective.js';
import { isTree } from '../../kernels/astra/collective/flowShop.js';
import { Members } from '../../kernels/astra/collective/members.js';
import { chargedDimension, type System } from '../../kernels/astra/collective/message.js';
import { algorithmName, symmetricPhaseNs } from '../../kernels/astra/collective/phase.js';
import { hasTorus, SystemReader } from '../../kernels/astra/design.js';
import { readNetwork } from '../../kernels/network/network.js';
import { createState } from '../../kernels/state.js';
import { COLLECTIVE, type Collective } from '../../kernels/workload/operation.js';
import { CosmicError } from '../../psa/errors.js';
import type { CompiledSpace } from '../../psa/space.js';
import { type CollectiveCall, type CollectivePhase, type CollectiveRun, groupDesign } from './collectiveRun.js';

const COLLECTIVES = Object.keys(COLLECTIVE) as Collective[];

/** @param dimensions of the network, those that have several NPUs */
function phasesOf(
  plan: Plan,
  system: System,
  { collective, npus }: CollectiveCall,
  dimensions: readonly number[],
  timeUs: number,
): CollectivePhase[] {
  if ('shop' in plan) {
    const { phases, chunks } = plan.shop;
    return phases.map((phase) => ({
      dimension: dimensions[phase.lane.group ? chargedDimension(system, 0, 1) : phase.station],
      collective: COLLECTIVES[phase.kind]!,
      npus: phase.lane.npus,
      algorithm: algorithmName(phase.algorithm),
      busyUs: isTree(phase)
        ? undefined
        : chunks * symmetricPhaseNs(phase.lane, phase.kind, phase.algorithm, phase.bytes) * 1e-3,
    }));
  }
  const algorithm = 'ring' in plan ? 'flat ring' : algorithmName(plan.replay.algorithm);
  return [{ dimension: undefined, collective, npus, algorithm, busyUs: timeUs }];
}

export function astraCollective(space: CompiledSpace, call: CollectiveCall): CollectiveRun {
  const { collective, npus, bytes } = call;
  const s = createState({ name: collective, phases: [] }, space.tiers);
  s.design = groupDesign(space, npus);
  readNetwork(s);
  if (hasTorus(s)) {
    throw new CosmicError('ARGUMENT', 'the astra-sim profile does not cover a torus, which ASTRA-sim does not have', {
      remedy: 'use dimensions that are a Ring, a Switch or FullyConnected, or the default profile',
    });
  }
  const system = new SystemReader().read(s);
  const members = new Members(Array.from({ length: npus }, (_, npu) => npu));
  // The program is given the shard that an NPU brings to an all-gather.
  const payload = collective === 'allGather' ? Math.floor(bytes / npus) : bytes;
  const plan = stopAtOnce(system, members) ?? planCollective(system, members, COLLECTIVE[collective], payload);
  if ('stop' in plan) return plan;
  const ns = planNs(plan);
  if (ns === undefined) return DEADLOCK;
  const dimensions = [...s.npus.keys()].filter((d) => s.npus[d]! > 1);
  return { timeUs: ns * 1e-3, phases: phasesOf(plan, system, call, dimensions, ns * 1e-3) };
}
