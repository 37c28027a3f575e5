/**
 * Experts with biases whose kernels leave them, and the clamps of their gates, to operations of their own: GPT-OSS (arXiv 2508.10925,
 * 2.2) in Megatron-Core.
 */
import type { Operation, Scale } from './operation.js';
import { elementwise, HALF, type Product, under, type When } from './rows.js';

/** Products of an MLP, what its rows are called after, and its sizes. */
export interface BiasedMlp {
  readonly down: Product;
  readonly input: string;
  readonly output: string;
  /** Values behind the activation, for a sequence. */
  readonly inner: number;
  readonly gates: number;
  /** Bytes of its input and output on their way over tp. */
  readonly bytes: number;
  /** Scale of what tp splits. */
  readonly split: Scale;
  /** Experts with biases of their own. */
  readonly biased?: true;
}

const BIAS_APART: When = { expertBiasApart: true };

/** Gate and up are cut off one by one and joined again (fused_bias_geglu.py). */
export function clamp({ input, inner, gates, split, biased }: BiasedMlp): Operation[] {
  if (biased === undefined) return [];
  const saved = [HALF * inner * gates, split] as const;
  return under(BIAS_APART, [elementwise(`${input} clamp`, inner * gates, split, 2, 2, { saved })]);
}

export function clampBackward({ input, inner, gates, split, biased }: BiasedMlp): Operation[] {
  return biased === undefined ? [] : under(BIAS_APART, [elementwise(`${input} clamp bwd`, inner * gates, split, 3, 2)]);
}

/**
 * The bias of each expert, times a token's weight, is made, added, joined with those of other experts and rounded, in single precision
 * (TEGroupedMLP._apply_bias): 7 half-precision values are read and 7 written for each of the output. Backward: rounded twice, multiplied
 * and summed for the gradients of bias and weight, and joined: 12 and 8.
 */
export function addBias({ output, down, bytes, biased }: BiasedMlp): Operation[] {
  return biased === undefined ? [] : under(BIAS_APART, [elementwise(`${output} bias`, bytes / HALF, down.y, 7, 7)]);
}

export function addBiasBackward({ output, down, bytes, biased }: BiasedMlp): Operation[] {
  return biased === undefined
    ? []
    : under(BIAS_APART, [elementwise(`${output} bias bwd`, bytes / HALF, down.y, 12, 8)]);
}
