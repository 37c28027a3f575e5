import type { Stop } from '../../kernels/astra/collective/collective.js';
import type { System } from '../../kernels/astra/collective/message.js';
import { Pieces } from '../../kernels/astra/graph/pieces.js';
import { checkSize } from '../../kernels/astra/graph/size.js';
import { StageGraphs } from '../../kernels/astra/graph/stageGraph.js';
import { type PrintedMemory, printedMemory } from '../../kernels/astra/memory.js';
import { Nodes } from '../../kernels/astra/schedule/nodes.js';
import { packStep } from '../../kernels/astra/schedule/packedStep.js';
import { quantitiesOf, type StgWorkload, shapeOf, stagesAgree } from '../../kernels/astra/schedule/rowTimes.js';
import { packRows } from '../../kernels/astra/schedule/rowTimesLayout.js';
import { finishNs, type Step, simulateStep } from '../../kernels/astra/schedule/runStep.js';
import { readWorkloadRuns, type WorkloadRun } from '../astraRuns/runFiles.js';
import { systemOf, workloadOf } from '../astraRuns/runTerms.js';
import { compileFast } from '../backends/webgpu/llvmpipe.js';
import { processDevice } from '../backends/webgpu/session.js';
import { STOPS, type StepDesigns } from '../backends/webgpu/stepBatches.js';
import { createStepRunner } from '../backends/webgpu/steps.js';
import { type Case, type CaseResults, summarize } from './cases.js';

/** What the runs came to: the step's time at the top, then what else the program and its generator print. */
export interface WorkloadResults extends CaseResults {
  /** Compute time of each distinct outcome of an NPU. */
  readonly compute: CaseResults;
  /** Memory of each stage as the generator prints it, by its parts, GiB to three decimals. */
  readonly memory: CaseResults;
}

const GIBI = 2 ** 30;
/** The generator prints three decimals. */
const PRINTED = 0.0005;

interface Prediction {
  readonly time: Case;
  readonly compute: readonly Case[];
  readonly memory: readonly Case[];
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** Distinct compute times beside one another, in ascending order. */
function computeCases(run: WorkloadRun, group: string, stages: readonly number[]): Case[] {
  const expected = distinct((run.per_npu ?? []).map(({ compute_ns }) => compute_ns));
  const got = distinct(stages);
  return expected.map((value, i) => ({ id: `${run.id} outcome ${i}`, group, expected: value, got: got[i] }));
}

function memoryParts({ weights, optimizer, activations, gradients }: PrintedMemory) {
  const total = weights + optimizer + activations + gradients;
  return { total_GiB: total, weights_GiB: weights, opt_GiB: optimizer, acts_GiB: activations, grads_GiB: gradients };
}

/** The printed value where the prediction rounds to it, else the prediction. */
function printed(bytes: number, expected: number): number {
  const value = bytes / GIBI;
  return Math.abs(value - expected) <= PRINTED * (1 + 1e-9) ? expected : value;
}

function memoryCases(run: WorkloadRun, group: string, workload: StgWorkload): Case[] {
  return Object.entries(run.stg_vram_by_stage ?? {}).flatMap(([stage, known]) => {
    const place = Number(stage.replace('pp=', ''));
    const parts = memoryParts(printedMemory(shapeOf(workload), quantitiesOf(workload), place));
    return Object.entries(parts).map(([name, bytes]) => {
      const expected = known[name as keyof typeof known];
      return { id: `${run.id} ${stage} ${name}`, group, expected, got: printed(bytes, expected) };
    });
  });
}

function groupOf({ pp }: StgWorkload): string {
  return pp > 1 ? 'with pipeline parallelism' : 'without pipeline parallelism';
}

function timeCase(run: WorkloadRun, got: { readonly got: number } | Stop): Case {
  return { id: run.id, group: groupOf(workloadOf(run)), expected: run.time_ns ?? undefined, ...got };
}

function timeOf(step: Step | Stop): { readonly got: number } | Stop {
  return 'stop' in step ? step : { got: finishNs(step) };
}

function predict(run: WorkloadRun): Prediction {
  const workload = workloadOf(run);
  const group = groupOf(workload);
  const step = simulateStep(systemOf(run), workload);
  const stopped = 'stop' in step;
  return {
    time: timeCase(run, timeOf(step)),
    compute: computeCases(run, group, stopped ? [] : step.stages.map(({ computeNs }) => computeNs)),
    memory: memoryCases(run, group, workload),
  };
}

/**
 * Predicts training steps of STG's GPT model in ASTRA-sim, in f64 on the CPU: time, compute time of each NPU, and the
 * generator's memory print.
 *
 * @param path a JSON list of runs, as in test/data/astra-sim/workloads.json
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, YAML_SYNTAX, SCHEMA, VALUE_OUT_OF_RANGE
 * @example
 * const { exact, cases, groups } = validateWorkloads('workloads.json');
 */
export function validateWorkloads(path: string): WorkloadResults {
  const predictions = readWorkloadRuns(path).map(predict);
  return {
    ...summarize(predictions.map(({ time }) => time)),
    compute: summarize(predictions.flatMap(({ compute }) => compute)),
    memory: summarize(predictions.flatMap(({ memory }) => memory)),
  };
}

/** What the device is given of a step of one micro-batch. */
function designsOf(system: System, workload: StgWorkload): StepDesigns {
  const shape = shapeOf(workload);
  const pieces = new Pieces(shape.flags);
  checkSize(shape, pieces);
  const agree = stagesAgree(system, workload);
  const graphs = new StageGraphs(pieces, (graph) => new Nodes(graph));
  return {
    packed: packStep(shape, pieces, graphs, agree),
    rows: { packed: packRows(workload, pieces, agree), systems: [system] },
  };
}

/**
 * As {@link validateWorkloads}, but steps of one micro-batch run in WGSL, the times of their rows, too; others are the CPU's, and so
 * is why a step comes to no end. Of computation and memory nothing is told.
 *
 * @returns the results, and on what
 * @throws CosmicError besides NO_ADAPTER, SHADER, BACKEND_LIMIT
 */
export async function validateWorkloadsOnGpu(path: string): Promise<CaseResults & { readonly backend: string }> {
  compileFast();
  const runs = readWorkloadRuns(path);
  const single = runs.filter((run) => {
    const workload = workloadOf(run);
    return workload.pp <= workload.layers && shapeOf(workload).microBatches === 1;
  });
  const open = await processDevice();
  const runner = await createStepRunner(open);
  const told = await runner
    .run(single.map((run) => designsOf(systemOf(run), workloadOf(run))))
    .finally(() => runner.destroy());
  let onDevice = 0;
  const cases = runs.map((run) => {
    const times = told[single.indexOf(run)];
    if (times === undefined || times === STOPS)
      return timeCase(run, timeOf(simulateStep(systemOf(run), workloadOf(run))));
    onDevice++;
    return timeCase(run, { got: times.last.finishNs });
  });
  return { ...summarize(cases), backend: `webgpu, ${open.adapter.name}: ${onDevice} steps, others on the CPU` };
}
