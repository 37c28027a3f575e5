/** A measured row of inference as passes of a model over a machine. */
import { OUTPUT, STATUS } from '../../../kernels/outputs.js';
import { compileDesign, loadDefault } from '../../../psa/defaults.js';
import { listPresets } from '../../../psa/presets.js';
import { designEvaluator } from '../../designs/designs.js';
import { machineOf } from '../gpus.js';
import { numberFormatOf } from '../numberFormats.js';
import { expertOverrides } from './releases.js';
import type { InferenceRow } from './row.js';

/** The system that stands for a machine, and the program on it. */
export interface Machine {
  /** Presets or files. */
  readonly system: string;
  readonly software: string | undefined;
  readonly assumptions: readonly string[];
}

const TENSORRT_LLM = [
  'captured graphs, and 1.5 ms a pass for sampling (psa/presets/software/tensorrt-llm.yaml)',
  'experts in fp8 before release 0.10: at a part of the rate of half precision on Hopper (host/validate/inference/releases.ts)',
];

/** The machine of the column `gpu`. */
function machineOfGpu(gpu: string): Machine | undefined {
  const system = machineOf(gpu)?.preset;
  return system === undefined ? undefined : { system, software: 'tensorrt-llm', assumptions: TENSORRT_LLM };
}

/** Of a cached value; where a row does not say it, its cache is as wide as its products, but not below eight bits. */
const CACHE_BYTES: Readonly<Record<string, number>> = { fp16: 2, bf16: 2, fp8: 1, int8: 1 };

function cacheBytes({ precision, kv_precision }: InferenceRow): number {
  return CACHE_BYTES[kv_precision ?? precision] ?? 1;
}

function isInEightBits({ precision }: InferenceRow): boolean {
  return numberFormatOf(precision) !== 'bf16' && numberFormatOf(precision) !== 'nvfp4';
}

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
  return { system, software: undefined, assumptions: [`all as in ${system}`] };
}

/** What a row measured: tokens/s of a batch's answers, or ms to the first token. */
function measuredOf({ mode, tokens_per_s_total, tokens_per_s_per_gpu, gpus = 1, ttft_ms }: InferenceRow) {
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
  const machine = own ?? machineOfGpu(gpu);
  const model = presetOf(row.model);
  const measured = measuredOf(row);
  const outputTokens = mode === 'min-latency' ? 1 : row.output_len;
  const batch = row.concurrency_or_batch ?? (mode === 'min-latency' ? 1 : undefined);
  if (!MODES.includes(mode)) return `requests that queue (${mode}): only whole batches are simulated`;
  if (machine === undefined) return `no system stands for the GPU ${gpu}`;
  if (model === undefined) return `no preset is the model ${row.model}`;
  if (numberFormatOf(precision) === undefined) return `products in ${precision}`;
  if (kv_precision !== undefined && CACHE_BYTES[kv_precision] === undefined) return `a cache in ${kv_precision}`;
  if (tp * pp * dp !== (row.gpus ?? tp * pp * dp)) return 'tp × pp × dp is not the number of GPUs';
  if (input_len === undefined || outputTokens === undefined || batch === undefined || measured === undefined) {
    return 'lengths, batch or what was measured are missing';
  }
  return { machine, model, inputTokens: input_len, outputTokens, batch, measured };
}

/** A machine without the rates of a row's number format. */
export class NoRates extends Error {}

/** Time of one pass, s: the whole batch's prompts, or its next token behind a cache of so many. */
function passS(run: Run, row: InferenceRow, set: readonly string[], phase: 'prefill' | 'decode', tokens: number) {
  const { tp, pp, ep, dp } = row;
  const design = [
    `workload.precision=${numberFormatOf(row.precision)}`,
    `workload.cacheBytes=${cacheBytes(row)}`,
    ...(isInEightBits(row) ? expertOverrides(row.version, run.machine.system) : []),
    ...set,
    `system.npus=${tp * pp * dp}`,
    ...Object.entries({ tp, pp, ep, dp, sp: 1 }).map(([axis, degree]) => `workload.${axis}=${degree}`),
    `model.phase=${phase}`,
    `model.batch=${run.batch}`,
    phase === 'decode' ? `model.context=${tokens}` : `model.seq=${tokens}`,
  ];
  const space = compileDesign(loadDefault(run.machine.system, run.model, design, undefined, run.machine.software));
  const { outputs, status } = designEvaluator(space)(space.fixed);
  if ((status & STATUS.PRECISION) !== 0)
    throw new NoRates(`products in ${row.precision} on ${run.machine.system}: no rates`);
  return outputs[OUTPUT.timeUs]! * 1e-6;
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
