/** The format of a run's products, and which scales it has. */
import { NUMBER_FORMATS, type NumberFormat } from '../numberFormats.js';
import { refuse } from './row.js';
import type { Run, Settings } from './settings.js';

/** Formats of products by what the column `precision` says; of fp8 without its scaling, scales of the tensor, of today or of before. */
const FORMATS: Readonly<Record<Exclude<NonNullable<Run['precision']>, 'fp32'>, NumberFormat>> = {
  ...NUMBER_FORMATS,
  'fp8-ds': 'fp8Delayed',
  'fp8-cs': 'fp8',
  'fp8-rowwise': 'fp8',
  'fp8-block': 'fp8Block',
};

/**
 * Releases until 2024 ran on Transformer Engine 1 and before, which knew no scales of fp8 but those of steps before (its documentation of
 * 0.1 to 1.12, DelayedScaling); so does Megatron-LM where its arguments name the format alone (--fp8-recipe, delayed).
 */
const DELAYED = /^NeMo 24\.|^MLPerf v[34]\.|^DGXC benchmarking (?:24|25\.02)|^Paxml|^llm-foundry|\bfp8 hybrid\b/;

export function takesScalesOfBefore({ precision, framework_version = '', notes = '' }: Run): boolean {
  return precision === 'fp8' && DELAYED.test(`${framework_version}; ${notes}`);
}

export function precisionOf(run: Run): Settings {
  const { precision = 'bf16' } = run;
  if (precision === 'fp32') return refuse('products in single precision are not modelled');
  const format = takesScalesOfBefore(run) ? 'fp8Delayed' : FORMATS[precision];
  return format === 'bf16' ? {} : { 'workload.precision': format };
}
