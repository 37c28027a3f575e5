/** A measured row of inference as passes of a model over a machine. */
import { OUTPUT } from '../../../kernels/outputs.js';
import { compileDesign, loadDefault } from '../../../psa/defaults.js';
import { listPresets } from '../../../psa/presets.js';
import { designEvaluator } from '../../designs/designs.js';
import type { InferenceRow } from './row.js';

/** The system that stands for a machine and the program on it. */
export interface Machine {
  /** As the column `gpu` names it. */
  readonly gpu: string;
  /** Preset or file. */
  readonly system: string;
  readonly set: readonly string[];
  readonly assumptions: readonly string[];
}

/**
 * Captured graphs launch without the host; a kernel starts 4 us after the one before, its floor of 2.8 us in the kernel tables
 * included, and the loop over tokens samples and bookkeeps for 1.5 ms a pass. Both are fitted to the static batches on A100.
 */
const TENSORRT_LLM = [
  'compute.hostLaunchUs=0',
  'compute.kernelOverheadUs=4',
  'compute.hostMicroBatchUs=1500',
  'workload.sequenceParallel=off',
  'workload.tensorOverlap=off',
];

const MACHINES: readonly Machine[] = [
  {
    gpu: 'a100_sxm',
    system: 'dgx-a100',
    set: [...TENSORRT_LLM, 'compute.memoryEfficiency=0.85'],
    assumptions: ['A100 80 GB', 'memory at 85 % of its peak', 'captured graphs, 1.5 ms a pass for sampling'],
  },
];

/** What a public name stands for, where no preset has it. Shapes are the same, whatever a model was tuned for. */
const PRESET_OF: Readonly<Record<string, string>> = {
  'llama-7b': 'llama2-7b',
  'llama-13b': 'llama2-13b',
  'llama-70b': 'llama2-70b',
  'llama-3-8b': 'llama3-8b',
  'llama-3.1-8b': 'llama3-8b',
  'llama-3-70b': 'llama3-70b',
  'llama-3.1-70b': 'llama3-70b',
  'llama-3.3-70b': 'llama3-70b',
  'llama-3.1-405b': 'llama3-405b',
  'deepseek-r1': 'deepseek-v3',
};

/** A row's model: a preset's name. */
function presetOf(model: string): string | undefined {
  const name = model.toLowerCase();
  const preset = PRESET_OF[name] ?? name;
  return listPresets('models').includes(preset) ? preset : undefined;
}

/** A machine of one's own for all rows. */
export function machineFrom(system: string): Machine {
  return { gpu: '', system, set: [], assumptions: [`all as in ${system}`] };
}

/** What a row measured: tokens/s of a batch's answers, or ms to the first token. */
export function measuredOf({ mode, tokens_per_s_total, tokens_per_s_per_gpu, gpus = 1, ttft_ms }: InferenceRow) {
  if (mode === 'min-latency') return ttft_ms;
  return tokens_per_s_total ?? (tokens_per_s_per_gpu === undefined ? undefined : tokens_per_s_per_gpu * gpus);
}

/** A row that can be predicted. */
export interface Run {
  readonly machine: Machine;
  /** Preset. */
  readonly model: string;
  readonly inputTokens: number;
  /** 1 where only the first token was waited for. */
  readonly outputTokens: number;
  readonly batch: number;
  readonly measured: number;
}

const MODES = ['fixed-batch', 'min-latency'];

/** The run of a row, or why there is none. */
export function runOf(row: InferenceRow, own?: Machine): Run | string {
  const { mode, gpu, precision, kv_precision, input_len, tp, pp, dp } = row;
  const machine = own ?? MACHINES.find((known) => known.gpu === gpu);
  const model = presetOf(row.model);
  const measured = measuredOf(row);
  const outputTokens = mode === 'min-latency' ? 1 : row.output_len;
  const batch = row.concurrency_or_batch ?? (mode === 'min-latency' ? 1 : undefined);
  if (!MODES.includes(mode)) return `requests that queue (${mode}): only whole batches are simulated`;
  if (machine === undefined) return `no system stands for the GPU ${gpu}`;
  if (model === undefined) return `no preset is the model ${row.model}`;
  if (!/^(fp|bf)16$/.test(precision)) return `precision ${precision}: numbers have two bytes`;
  if (kv_precision !== undefined && !/^(fp|bf)16$/.test(kv_precision)) return `a cache in ${kv_precision}`;
  if (tp * pp * dp !== (row.gpus ?? tp * pp * dp)) return 'tp × pp × dp is not the number of GPUs';
  if (input_len === undefined || outputTokens === undefined || batch === undefined || measured === undefined) {
    return 'lengths, batch or what was measured are missing';
  }
  return { machine, model, inputTokens: input_len, outputTokens, batch, measured };
}

/** Time of one pass, s: the whole batch's prompts, or its next token behind a cache of so many. */
function passS(run: Run, row: InferenceRow, set: readonly string[], phase: 'prefill' | 'decode', tokens: number) {
  const { tp, pp, ep, dp } = row;
  const design = [
    ...run.machine.set,
    ...set,
    `system.npus=${tp * pp * dp}`,
    ...Object.entries({ tp, pp, ep, dp, sp: 1 }).map(([axis, degree]) => `workload.${axis}=${degree}`),
    `model.phase=${phase}`,
    `model.batch=${run.batch}`,
    phase === 'decode' ? `model.context=${tokens}` : `model.seq=${tokens}`,
  ];
  const space = compileDesign(loadDefault(run.machine.system, run.model, design));
  return designEvaluator(space)(space.fixed).outputs[OUTPUT.timeUs]! * 1e-6;
}

/**
 * What a run is predicted to measure. The prompt's pass gives the first token; each further one is a pass over the cache of all
 * before it, whose mean time over the growing cache is taken by Simpson's rule.
 */
export function predict(run: Run, row: InferenceRow, set: readonly string[]): number {
  const { inputTokens, outputTokens, batch } = run;
  const prefillS = passS(run, row, set, 'prefill', inputTokens);
  if (row.mode === 'min-latency') return prefillS * 1e3;
  const last = inputTokens + outputTokens - 1;
  const points: readonly [number, number][] = [
    [inputTokens + 1, 1 / 6],
    [Math.round((inputTokens + 1 + last) / 2), 4 / 6],
    [last, 1 / 6],
  ];
  const decodeS =
    outputTokens === 1
      ? 0
      : points.reduce((sum, [tokens, share]) => sum + share * passS(run, row, set, 'decode', tokens), 0);
  return (batch * outputTokens) / (prefillS + (outputTokens - 1) * decodeS);
}
