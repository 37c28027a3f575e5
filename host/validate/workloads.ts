import { type PrintedMemory, printedMemory } from '../../kernels/astra/memory.js';
import { quantitiesOf, type StgWorkload, shapeOf } from '../../kernels/astra/schedule/rowTimes.js';
import { finishNs, simulateStep } from '../../kernels/astra/schedule/runStep.js';
import { readWorkloadRuns, type WorkloadRun } from '../astraRuns/runFiles.js';
import { systemOf, workloadOf } from '../astraRuns/runTerms.js';
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

function predict(run: WorkloadRun): Prediction {
  const workload = workloadOf(run);
  const group = workload.pp > 1 ? 'with pipeline parallelism' : 'without pipeline parallelism';
  const step = simulateStep(systemOf(run), workload);
  const stopped = 'stop' in step;
  const got = stopped ? step : { got: finishNs(step) };
  return {
    time: { id: run.id, group, expected: run.time_ns ?? undefined, ...got },
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
