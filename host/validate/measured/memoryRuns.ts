/** Rows of runs with their outcome: success, out of memory, or another failure. */
import { z } from 'zod';
import { stageMemory } from '../../../kernels/memory/memory.js';
import { OUTPUT, OUTPUT_COUNT } from '../../../kernels/outputs.js';
import { simulateGraph } from '../../../kernels/simulate.js';
import { createState, type State } from '../../../kernels/state.js';
import { parameterCounts } from '../../../kernels/workload/modelSize.js';
import { compileDesign } from '../../../psa/defaults.js';
import { applyOverrides } from '../../../psa/overrides.js';
import type { Psa } from '../../../psa/psa.js';
import type { CompiledSpace, ModelPhase } from '../../../psa/space.js';
import type { CsvRow } from '../csv.js';
import { machinePreset } from '../gpus.js';
import { type MemoryCase, mbToGib } from './memoryCases.js';
import { softwareOf } from './memorySoftware.js';
import { headLayers, overridesOf } from './overrides.js';
import { FILLS_GPUS, fillsGpus, runShape } from './row.js';

const OUTCOME = { Success: true, OOM: false, 'other failure': undefined } as const;
type Outcome = keyof typeof OUTCOME;

/** A row of `cosmic validate memory` with its outcome. Empty cells are values that were not published. */
export const runRow = z
  .strictObject({
    ...runShape,
    gpu: z.string(),
    model: z.string(),
    weight_sharding: z.enum(['none', 'zero1', 'zero3']).optional(),
    attention: z.string().optional(),
    status: z.enum(Object.keys(OUTCOME) as Outcome[]),
    alloc_gib: z.coerce.number().positive().optional(),
    reserved_gib: z.coerce.number().positive().optional(),
  })
  .refine(fillsGpus, FILLS_GPUS);
type RunRow = z.infer<typeof runRow>;

/** What the column `attention` says where scores go through memory: PyTorch's own, and Megatron-LM's fused softmax. */
const UNFUSED: readonly (string | undefined)[] = ['torch', 'fused'];

/** A name such as `Llama-like-1.34B` gives enough digits to tell whether the head is the token table. */
function isTied({ model }: RunRow, phase: ModelPhase): boolean {
  const billions = /(\d+\.?\d*)B/.exec(model)?.[1] ?? '';
  const { dense, kv, embed } = parameterCounts(phase);
  const tied = (phase.layers * (dense + kv) + embed) / 1e9;
  return billions.replace('.', '').length >= 3 && tied.toPrecision(3) === Number(billions).toPrecision(3);
}

function compileRun({ row, file, line }: CsvRow<RunRow>, base: Bases): CompiledSpace {
  const place = { file, line };
  const machine = machinePreset(row.gpu, place);
  const software = softwareOf(row.source, place);
  const { attention, weight_sharding = software.weightSharding } = row;
  const psa = applyOverrides(base(machine, software.software), [
    ...overridesOf({ ...row, weight_sharding, attention: undefined }),
    ...(attention === undefined ? [] : [`workload.attention=${UNFUSED.includes(attention) ? 'unfused' : 'fused'}`]),
    ...(attention === undefined || attention.includes('RMS') ? [] : ['workload.normKernel=unfused']),
    ...(software.balancesHead ? [`workload.headLayers=${headLayers(row)}`] : []),
    ...software.set,
  ]);
  const tied = isTied(row, psa.workload.phases[0]!);
  return compileDesign(applyOverrides(psa, [`model.tiedEmbeddings=${tied}`]));
}

/** A Llama on a machine, by its name and the program's. */
export type Bases = (machine: string, software: string) => Psa;

/** What is allocated on a stage between two steps, MB. */
function keptMB(state: State, stage: number): number {
  const outputs = new Float64Array(OUTPUT_COUNT);
  stageMemory(state, outputs, stage);
  const { weightsMB, gradientsMB, optimizerMB, buffersMB } = OUTPUT;
  return [weightsMB, gradientsMB, optimizerMB, buffersMB].reduce((sum, place) => sum + outputs[place]!, 0);
}

/** A row and what the simulator says of it. */
export function runCase(csv: CsvRow<RunRow>, base: Bases): MemoryCase {
  const { row, file, line } = csv;
  const space = compileRun(csv, base);
  const state = createState(space.workload, space.tiers);
  simulateGraph(state, space.fixed);
  const kept = softwareOf(row.source, { file, line }).allocated === 'betweenSteps';
  // Between steps the first stage or the last has the most, which need not be the one that is the fullest at the peak.
  const allocated = kept ? Math.max(keptMB(state, 0), keptMB(state, row.pp - 1)) : state.parts[OUTPUT.memoryMB]!;
  return {
    id: row.id,
    source: row.source,
    model: row.model,
    allocated: row.alloc_gib,
    reserved: row.reserved_gib,
    fits: OUTCOME[row.status],
    predicted: {
      allocated: mbToGib(allocated),
      reserved: mbToGib(state.parts[OUTPUT.reservedMB]!),
      fits: state.memoryStatus === 0,
    },
  };
}
