/** A design in the astra-sim profile: what ASTRA-sim and STG would be given for it, and what its step comes to. */
import { SLOT } from '../../psa/parameters.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../outputs.js';
import { WEIGHT_SHARDING } from '../schedule/layer.js';
import type { State } from '../state.js';
import { globalBatch } from '../workload/graph.js';
import { StepBound } from './bound.js';
import { STG_GROUP } from './graph/stg.js';
import { stgMemory } from './memory.js';
import type { StageRun } from './schedule/readyList.js';
import { runStep } from './schedule/stgStep.js';
import { quantitiesOf, StgTimes, type StgWorkload, shapeOf } from './schedule/stgTimes.js';
import { astraSystem } from './system.js';

const SLOT_TP = SLOT.workload.tp;
const SLOT_SP = SLOT.workload.sp;
const SLOT_DP = SLOT.workload.dp;
const SLOT_PP = SLOT.workload.pp;
const SLOT_VIRTUAL_STAGES = SLOT.workload.virtualStages;
const SLOT_SEQUENCE_PARALLEL = SLOT.workload.sequenceParallel;
const SLOT_WEIGHT_SHARDING = SLOT.workload.weightSharding;

const MB = 1e6;

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

/** What a workload's designs share, whatever their network. */
class Plan {
  readonly times: StgTimes;
  /** The memory parts of a step; its times are 0. */
  readonly memory = new Float64Array(OUTPUT_COUNT);
  private known: StepBound | undefined;

  constructor(readonly workload: StgWorkload) {
    this.times = new StgTimes(workload);
    addMemory(this.memory, workload);
  }

  get bound(): StepBound {
    this.known ??= new StepBound(this.times);
    return this.known;
  }
}

/** Plans of the workloads that were met, the oldest first. */
const plans = new Map<string, Plan>();
const KEPT_PLANS = 1024;
/** The last plan of each graph. */
const latest: Plan[] = [];

function isSame(a: StgWorkload, b: StgWorkload): boolean {
  return (
    a.dp === b.dp &&
    a.tp === b.tp &&
    a.cp === b.cp &&
    a.pp === b.pp &&
    a.sharded === b.sharded &&
    a.tpsp === b.tpsp &&
    a.microBatch === b.microBatch &&
    a.batch === b.batch &&
    a.layers === b.layers &&
    a.hidden === b.hidden &&
    a.ffn === b.ffn &&
    a.vocab === b.vocab &&
    a.seq === b.seq
  );
}

function planOf(graph: number, workload: StgWorkload): Plan {
  const last = latest[graph];
  if (last !== undefined && isSame(last.workload, workload)) return last;
  const key = Object.values(workload).join();
  const plan = plans.get(key) ?? new Plan(workload);
  plans.set(key, plan);
  if (plans.size > KEPT_PLANS) plans.delete(plans.keys().next().value!);
  latest[graph] = plan;
  return plan;
}

/** The plan of the current graph with the times of the design's network; undefined where the program ends no step. */
function readPlan(s: State): Plan | undefined {
  const workload = stgWorkload(s);
  // The generator asserts a layer for each stage.
  if (!isKnown(s, workload) || workload.pp > workload.layers) return undefined;
  const plan = planOf(s.graph, workload);
  return plan.times.read(astraSystem(s)) ? plan : undefined;
}

/** Sets `parts` to the time and memory of one step of the current graph; STATUS.ASTRASIM where the program has none. */
export function astraStep(s: State, parts: Float64Array): void {
  const plan = readPlan(s);
  if (plan === undefined) {
    parts.fill(0);
    s.status |= STATUS.ASTRASIM;
    return;
  }
  parts.set(plan.memory);
  addTimes(parts, runStep(plan.times).stages);
}

/** As {@link astraStep}, but of the times only a lower bound of the whole: a hundred times as fast. */
export function astraBound(s: State, parts: Float64Array): void {
  const plan = readPlan(s);
  if (plan === undefined) {
    parts.fill(0);
    s.status |= STATUS.ASTRASIM;
    return;
  }
  parts.set(plan.memory);
  parts[OUTPUT.timeUs] = plan.bound.timeNs() * 1e-3;
}
