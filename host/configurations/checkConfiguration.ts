/** What a configuration does on a machine: legal or not, memory stage by stage, time of a step, MFU. */
import { memoryByStage } from '../../kernels/memory/stages.js';
import { infeasibleMask, OUTPUT, reasonsOf, STATUS } from '../../kernels/outputs.js';
import { SLOT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator, type EvaluatedDesign } from '../designs/designs.js';
import { type MemoryUse, memoryUse, stageName } from '../display/memoryUse.js';
import { describeModels } from '../display/models.js';
import { violations } from './legality.js';
import { type Configuration, compiledConfiguration } from './readConfiguration.js';
import type { Violation } from './rule.js';

/** Memory of one stage of the pipeline. */
export interface StageMemory extends MemoryUse {
  /** From 0. */
  readonly stage: number;
  /** `first stage`; empty where there is one. */
  readonly name: string;
}

/** A configuration that makes a design, as it was simulated. */
export interface CheckedStep {
  readonly space: CompiledSpace;
  readonly evaluated: EvaluatedDesign;
  /** First, second and last stage. */
  readonly stages: readonly StageMemory[];
  readonly memory: MemoryUse;
  /** Model FLOP utilisation with attention in full, and with its masked half left out. */
  readonly mfuFull: number;
  readonly mfuCausal: number;
  /** TFLOP/s of an NPU in the two conventions. */
  readonly tflopsFull: number;
  readonly tflopsCausal: number;
  /** Why the machine or the simulator cannot place it, in words; empty where nothing hinders. */
  readonly hindrances: readonly string[];
}

export interface CheckedConfiguration {
  readonly configuration: Configuration;
  readonly violations: readonly Violation[];
  readonly step: CheckedStep | undefined;
}

/** Reasons that are no rule of a framework: memory has a verdict of its own, and a network without a price runs as well. */
const OWN_VERDICT = STATUS.MEMORY | STATUS.PRICE;

function stagesOf(space: CompiledSpace, { design }: EvaluatedDesign): StageMemory[] {
  const count = design[SLOT.workload.pp]!;
  return memoryByStage(space.workload, space.tiers, design)[0]!.stages.map(({ stage, outputs }) => ({
    stage,
    name: stageName(stage, count),
    ...memoryUse({ design, outputs }),
  }));
}

/** Simulates the design of a space that has one. */
function checkedStep(space: CompiledSpace): CheckedStep {
  const evaluated = designEvaluator(space)(space.fixed);
  const { outputs, design, status } = evaluated;
  const [model] = describeModels(space.workload);
  const causal = model!.forwardFlopsCausal / model!.forwardFlopsFull;
  const mfuFull = outputs[OUTPUT.mfu]!;
  const tflopsFull = mfuFull * design[SLOT.compute.peakTflops]!;
  return {
    space,
    evaluated,
    stages: stagesOf(space, evaluated),
    memory: memoryUse(evaluated),
    mfuFull,
    mfuCausal: mfuFull * causal,
    tflopsFull,
    tflopsCausal: tflopsFull * causal,
    hindrances: reasonsOf(status & infeasibleMask([]) & ~OWN_VERDICT),
  };
}

/**
 * Checks a configuration.
 *
 * @example
 * checkConfiguration(readConfiguration(MEGATRON, file, { system: 'h100-sxm' })).violations;
 */
export function checkConfiguration(configuration: Configuration): CheckedConfiguration {
  const space = compiledConfiguration(configuration);
  return {
    configuration,
    violations: violations(configuration),
    step: space === undefined ? undefined : checkedStep(space),
  };
}

/** Would the job start and stay within memory? */
export function runs({ violations: broken, step }: CheckedConfiguration): boolean {
  return broken.length === 0 && step?.memory.verdict !== 'does not fit';
}
