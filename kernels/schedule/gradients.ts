/** The traffic of weights and gradients that compute does not hide. */
import { categoryCode, MAX_DIMENSIONS, slotOf } from '../../psa/parameters.js';
import { collective } from '../collective/collective.js';
import { OUTPUT } from '../outputs.js';
import { clear } from '../perDimension.js';
import type { State } from '../state.js';
import { COLLECTIVE, GROUP } from '../workload/operation.js';
import { GRAPH_REAL } from '../workload/tables.js';
import {
  edgeM,
  gradientBytes,
  gradientCollective,
  overlapsGradients,
  WEIGHT_BYTES,
  WEIGHT_SHARDING,
  weightSharding,
} from './layer.js';
import { modelChunks } from './pipeline.js';
import { allStagesUs, stageBackwardUs, stageLayers } from './stage.js';

const SLOT_PP = slotOf('workload.pp');
const SLOT_SHARDING_EFFICIENCY = slotOf('network.shardingEfficiency');
const SLOT_SCHEDULING_POLICY = slotOf('collective.schedulingPolicy');
const LIFO = categoryCode('collective.schedulingPolicy', 'LIFO');

/** Time of a collective over a stage's edge weights (embedding or head), us; `busyUs` stays set. */
function edgeUs(s: State, place: number): number {
  collective(s, gradientCollective(s), GROUP.data, edgeM(s, place) * gradientBytes(s));
  const sharded = weightSharding(s) === WEIGHT_SHARDING.zero3;
  return sharded ? s.collectiveUs / s.design[SLOT_SHARDING_EFFICIENCY]! : s.collectiveUs;
}

/** What the last backward pass takes longer on all stages, beside the reduction of gradients, us. */
function lastPassDelayUs(s: State): number {
  if (s.lastBackwardPeriodUs === s.backwardPeriodUs) return 0;
  const steadyPeriodUs = s.backwardPeriodUs;
  const steadyUs = allStagesUs(s);
  s.backwardPeriodUs = s.lastBackwardPeriodUs;
  const lastUs = allStagesUs(s);
  s.backwardPeriodUs = steadyPeriodUs;
  return (lastUs - steadyUs) / modelChunks(s);
}

/** Time of the last backward pass on the first stage, us. */
function lastPassUs(s: State): number {
  const steadyPeriodUs = s.backwardPeriodUs;
  s.backwardPeriodUs = s.lastBackwardPeriodUs;
  const us = stageBackwardUs(s, 0);
  s.backwardPeriodUs = steadyPeriodUs;
  return us;
}

/**
 * What gradients that overlap take after the last backward pass, us. A dimension works off what it is given: it ends after
 * its first release and all work, or after the last release and the last piece (a maximum over releases, largest at an end as
 * layers are alike). LIFO serves the chain first, so its use adds to the work. `busyUs`: the head's use of the dimensions.
 */
function gradientTailUs(s: State, pieces: number): number {
  const newestFirst = s.design[SLOT_SCHEDULING_POLICY] === LIFO;
  const betweenUs = ((pieces - 1) / pieces) * lastPassUs(s);
  let tailUs = 0;
  let longestUs = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const pieceUs = s.gradientBusyUs[d]!;
    if (pieceUs <= 0) continue;
    const chainUs = newestFirst ? (pieces - 1) * s.backwardBlockUs[d]! : 0;
    const backlogUs = pieces * pieceUs + s.busyUs[d]! + chainUs - betweenUs;
    tailUs = Math.max(tailUs, pieceUs, backlogUs);
    longestUs = Math.max(longestUs, pieceUs);
  }
  return tailUs + s.gradientUs - longestUs;
}

/** Adds what gradients take that nothing hides, on the first stage, where the backward pass ends last. */
export function addGradients(s: State, parts: Float64Array): void {
  const sharded = weightSharding(s) === WEIGHT_SHARDING.zero3;
  const pieces = sharded ? 1 : Math.max(stageLayers(s, 0), 1);
  clear(s.busyUs);
  const headUs = s.design[SLOT_PP] === 1 ? edgeUs(s, GRAPH_REAL.HEAD_M) : 0;
  // A sharded head is kept with the embedding, and its gradient reduced at the end.
  if (sharded) clear(s.busyUs);
  let layersUs = overlapsGradients(s) ? gradientTailUs(s, pieces) : pieces * s.gradientUs + headUs;
  if (sharded) layersUs += headUs;
  parts[OUTPUT.exposedDpUs]! += layersUs + edgeUs(s, GRAPH_REAL.EMBED_M);
  if (overlapsGradients(s)) parts[OUTPUT.exposedDpUs]! += lastPassDelayUs(s);
}

/** Sharded weights that nothing hides the gather of: the first layer's, and the edges' of the model, kept for the step, us. */
export function firstGatherUs(s: State): number {
  if (weightSharding(s) !== WEIGHT_SHARDING.zero3) return 0;
  const headM = s.design[SLOT_PP] === 1 ? edgeM(s, GRAPH_REAL.HEAD_M) : 0;
  collective(s, COLLECTIVE.allGather, GROUP.data, (edgeM(s, GRAPH_REAL.EMBED_M) + headM) * WEIGHT_BYTES);
  return s.gatherUs + s.collectiveUs / s.design[SLOT_SHARDING_EFFICIENCY]!;
}
