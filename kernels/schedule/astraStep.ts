/** A design in the astra-sim profile: what ASTRA-sim and STG would be given for it, and what its step comes to. */
import { MAX_DIMENSIONS, slotOf } from '../../psa/parameters.js';
import { algorithmOf } from '../collective/phase.js';
import { stgMemory } from '../memory/stgMemory.js';
import { type AstraSystem, linkBytesPerNs } from '../network/message.js';
import { linkCount } from '../network/network.js';
import { OUTPUT, STATUS } from '../outputs.js';
import type { State } from '../state.js';
import { globalBatch } from '../workload/graph.js';
import { COLLECTIVE } from '../workload/operation.js';
import { STG_GROUP } from '../workload/stg.js';
import { WEIGHT_SHARDING } from './layer.js';
import type { StageRun } from './readyList.js';
import { quantitiesOf, type StgWorkload, shapeOf, stgStep } from './stgStep.js';

const SLOT_TP = slotOf('workload.tp');
const SLOT_SP = slotOf('workload.sp');
const SLOT_DP = slotOf('workload.dp');
const SLOT_PP = slotOf('workload.pp');
const SLOT_VIRTUAL_STAGES = slotOf('workload.virtualStages');
const SLOT_SEQUENCE_PARALLEL = slotOf('workload.sequenceParallel');
const SLOT_WEIGHT_SHARDING = slotOf('workload.weightSharding');
const SLOT_CHUNKS = slotOf('collective.chunks');
const SLOT_MULTI_DIMENSIONAL = slotOf('collective.multiDimensional');
const SLOT_BANDWIDTH_GBPS = slotOf('network.bandwidthGBps');
const SLOT_LATENCY_NS = slotOf('network.latencyNs');
const SLOT_ENDPOINT_DELAY_NS = slotOf('network.endpointDelayNs');
const SLOT_PEAK_TFLOPS = slotOf('compute.peakTflops');
const SLOT_MEMORY_BANDWIDTH_GBPS = slotOf('compute.memoryBandwidthGBps');

const MB = 1e6;

/** What COSMIC gives ASTRA-sim: the bandwidth of one link, one active chunk per dimension, one queue. */
export function astraSystem(s: State): AstraSystem {
  const places = Array.from({ length: MAX_DIMENSIONS }, (_, d) => d).filter((d) => s.npus[d]! > 1);
  return {
    dimensions: places.map((d) => ({
      topology: s.topology[d]!,
      npus: s.npus[d]!,
      bytesPerNs: linkBytesPerNs(s.design[SLOT_BANDWIDTH_GBPS + d]! / linkCount(s.topology[d]!, s.npus[d]!)),
      latencyNs: s.design[SLOT_LATENCY_NS + d]!,
      algorithms: Object.values(COLLECTIVE).map((kind) => algorithmOf(s, kind, d)),
    })),
    npus: places.reduce((product, d) => product * s.npus[d]!, 1),
    chunks: s.design[SLOT_CHUNKS]!,
    activeChunks: 1,
    queues: 1,
    localBandwidthAware: s.design[SLOT_MULTI_DIMENSIONAL] === 1,
    endpointNs: s.design[SLOT_ENDPOINT_DELAY_NS]!,
    memoryBandwidth: s.design[SLOT_MEMORY_BANDWIDTH_GBPS]! * 1e9,
    peak: s.design[SLOT_PEAK_TFLOPS]! * 1e12,
  };
}

/** What STG is given: its micro-batch is that of all data-parallel ranks. */
export function stgWorkload(s: State): StgWorkload {
  const { layers, hidden, ffn, vocab, classes, seq } = s.workload.phases[s.graph]!;
  const dp = s.design[SLOT_DP]!;
  return {
    layers,
    hidden,
    ffn,
    vocab: vocab > 0 ? vocab : classes,
    seq,
    batch: globalBatch(s),
    microBatch: s.microBatch * dp,
    dp,
    tp: s.design[SLOT_TP]!,
    cp: s.design[SLOT_SP]!,
    pp: s.design[SLOT_PP]!,
    sharded: s.design[SLOT_WEIGHT_SHARDING] === WEIGHT_SHARDING.zero3,
    tpsp: s.design[SLOT_SEQUENCE_PARALLEL] === 1,
  };
}

/** False where a design asks for what STG does not have. */
export function isKnown(s: State, { batch, microBatch }: StgWorkload): boolean {
  const plain = s.design[SLOT_WEIGHT_SHARDING] !== WEIGHT_SHARDING.zero1 && s.design[SLOT_VIRTUAL_STAGES]! <= 1;
  return plain && batch % microBatch === 0;
}

/** Sets the parts of the step to those of the stage that ends last. */
function addTimes(parts: Float64Array, stages: readonly StageRun[]): void {
  const last = stages.reduce((slowest, stage) => (stage.finishNs > slowest.finishNs ? stage : slowest));
  const us = (ns: number) => ns * 1e-3;
  parts[OUTPUT.timeUs] = us(last.finishNs);
  parts[OUTPUT.computeUs] = us(last.computeNs - last.updateNs);
  parts[OUTPUT.optimizerUs] = us(last.updateNs);
  parts[OUTPUT.bubbleUs] = us(last.idleNs);
  parts[OUTPUT.exposedTpUs] = us(last.exposedNs[STG_GROUP.tp]!);
  parts[OUTPUT.exposedSpUs] = us(last.exposedNs[STG_GROUP.cp]!);
  parts[OUTPUT.exposedDpUs] = us(last.exposedNs[STG_GROUP.dp]!);
  parts[OUTPUT.exposedPpUs] = us(last.exposedNs[STG_GROUP.pp]!);
}

/** Sets the memory parts to what STG prints for the fullest stage. Neither program compares it with the capacity. */
function addMemory(parts: Float64Array, workload: StgWorkload): void {
  const shape = shapeOf(workload);
  const quantities = quantitiesOf(workload);
  for (let stage = 0; stage < workload.pp; stage++) {
    const { weights, optimizer, activations, gradients } = stgMemory(shape, quantities, stage);
    const total = weights + optimizer + activations + gradients;
    if (total <= parts[OUTPUT.memoryMB]! * MB) continue;
    parts[OUTPUT.memoryMB] = total / MB;
    parts[OUTPUT.weightsMB] = weights / MB;
    parts[OUTPUT.optimizerMB] = optimizer / MB;
    parts[OUTPUT.activationsMB] = activations / MB;
    parts[OUTPUT.gradientsMB] = gradients / MB;
  }
}

/** Sets `parts` to the time and memory of one step of the current graph; STATUS.ASTRASIM where the program has none. */
export function astraStep(s: State, parts: Float64Array): void {
  parts.fill(0);
  const workload = stgWorkload(s);
  const step = isKnown(s, workload) ? stgStep(astraSystem(s), workload) : undefined;
  if (step === undefined) {
    s.status |= STATUS.ASTRASIM;
    return;
  }
  addTimes(parts, step.stages);
  addMemory(parts, workload);
}
