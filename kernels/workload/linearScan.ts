/**
 * Rows of linear attention by chunks, in the kernels and number formats of flash-linear-attention 0.5: lightning attention, whose
 * states decay by themselves (fla/ops/simple_gla; arXiv 2501.08313), a gated delta rule (fla/ops/gated_delta_rule; arXiv 2412.06464),
 * and Kimi Delta Attention, which gates each channel of keys (fla/ops/kda; arXiv 2510.26692). With a delta rule a chunk solves a
 * triangular system before it writes what it has to states, and kernels see queries and keys of every head of values.
 */
import { hasDeltaRule } from '../../psa/modelFields.js';
import type { ModelPhase } from '../../psa/space.js';
import { stateWidths } from './modelSize.js';
import type { Operation, Term } from './operation.js';
import { attentionProduct, elementwise, HALF, SINGLE } from './rows.js';

interface Sizes {
  /** Values of a sequence: of queries or keys of all heads, of those of all groups, of values, and of states at the ends of chunks. */
  readonly keys: number;
  readonly group: number;
  readonly values: number;
  readonly states: number;
  /** Pairs of tokens within chunks, of all heads. */
  readonly pairs: number;
  /** FLOPs of a product of keys or values and states, of queries and keys within chunks, and of pairs and values. */
  readonly stateFlops: number;
  readonly keyFlops: number;
  readonly valueFlops: number;
  /** FLOPs of products of pairs with pairs, by which chunks solve their systems. */
  readonly solveFlops: number;
  /** 1 with a delta rule, 1 with gates of each channel, else 0. */
  readonly delta: number;
  readonly gated: number;
}

function sizesOf(m: ModelPhase): Sizes {
  const { inner, group, keys } = stateWidths(m);
  const chunk = Math.min(m.stateChunk, m.seq);
  return {
    keys: m.seq * keys,
    group: m.seq * group,
    values: m.seq * inner,
    states: Math.ceil(m.seq / chunk) * inner * m.stateDim,
    pairs: m.seq * chunk * m.stateHeads,
    stateFlops: 2 * m.seq * inner * m.stateDim,
    keyFlops: 2 * m.seq * chunk * keys,
    valueFlops: 2 * m.seq * chunk * inner,
    solveFlops: m.seq * chunk * chunk * m.stateHeads,
    delta: hasDeltaRule(m.stateRule) ? 1 : 0,
    gated: m.stateRule === 'kimiDelta' ? 1 : 0,
  };
}

/**
 * Times that these kernels take as long as their traffic at the rate of memory-bound kernels: fitted to FLA 0.5.1's gated delta rule in
 * FlashQLA's tables of H200 and GB200 (github.com/QwenLM/FlashQLA, benchmark/benchmark_results_*.txt), 32 and more heads of values
 * of 128, sequences of 8,192 and 32,768 tokens. Those of other rules were not fitted.
 */
export const FLA_SLOWDOWN = { forward: 1.6, backward: 2.7 } as const;

/** A product of the scan: traffic in bytes; its arithmetic is that of products in half precision. */
function scanProduct(
  name: string,
  pass: keyof typeof FLA_SLOWDOWN,
  flops: number,
  input: number,
  output: number,
): Operation {
  const slowdown = FLA_SLOWDOWN[pass];
  return attentionProduct(name, {
    rate: 'gemm',
    flops: [flops, 'tokensTp'],
    input: [slowdown * input, 'tokensTp'],
    output: [slowdown * output, 'tokensTp'],
  });
}

/** Rows where there is a delta rule, or gates of each channel. */
function where(has: number, rows: readonly Operation[]): readonly Operation[] {
  return has === 1 ? rows : [];
}

/** Sums of the gates' logarithms along a chunk, in single precision. */
function channelGates(m: ModelPhase): Operation {
  return elementwise('channel gates', sizesOf(m).keys, 'tokensTp', 1, SINGLE / HALF);
}

/** Queries and keys are divided by their lengths, and copied for each head of values. */
function queriesAndKeys(m: ModelPhase): Operation {
  const { keys, group } = sizesOf(m);
  const saved: Term = [group < keys ? 2 * HALF * group : 0, 'tokensTp'];
  return elementwise('queries and keys', 2 * keys, 'tokensTp', group / keys, 1, { saved });
}

/** Keys with keys (with gates of channels queries too), and the inverse of a triangular matrix, which is kept. */
function deltaScores(m: ModelPhase): Operation {
  const { keys, pairs, keyFlops, solveFlops, gated } = sizesOf(m);
  const read = HALF * keys * (1 + gated) + SINGLE * keys * gated;
  const written = (2 * SINGLE + HALF + HALF * gated) * pairs;
  const row = scanProduct('delta scores', 'forward', keyFlops * (1 + gated) + solveFlops, read, written);
  return { ...row, saved: [HALF * pairs * (1 + gated), 'tokensTp'] };
}

/** Keys and values as if all of a chunk were written at once. */
function deltaValues(m: ModelPhase): Operation {
  const { keys, values, pairs, keyFlops, valueFlops, gated } = sizesOf(m);
  const read = HALF * (keys + values + pairs) + SINGLE * keys * gated;
  return scanProduct('delta values', 'forward', keyFlops + valueFlops, read, HALF * (keys * (1 + gated) + values));
}

/** States at the ends of chunks, one behind the other; queries, keys and values are kept. */
function linearStates(m: ModelPhase): Operation {
  const { keys, values, states, stateFlops, delta } = sizesOf(m);
  const read = HALF * (keys * (1 + delta) + values);
  const row = scanProduct('linear states', 'forward', stateFlops * (1 + delta), read, HALF * (states + delta * values));
  return { ...row, saved: [HALF * (2 * keys + values), 'tokensTp'] };
}

/** Queries with states, and with keys and values of their chunk. */
function linearOutputs(m: ModelPhase): Operation {
  const { keys, values, states, pairs, stateFlops, keyFlops, valueFlops, gated } = sizesOf(m);
  const read = HALF * (keys * (2 - gated) + values + states + pairs * gated) + SINGLE * keys * gated;
  const flops = stateFlops + valueFlops + keyFlops * (1 - gated);
  return scanProduct('linear outputs', 'forward', flops, read, HALF * values);
}

/** What the backward pass makes again, for none of it is kept. */
export function linearAgain(m: ModelPhase): Operation[] {
  const { delta, gated } = sizesOf(m);
  const again = [...where(gated, [channelGates(m)]), ...where(delta, [deltaValues(m)]), linearStates(m)];
  return again.map((row) => ({ ...row, saved: [0, 'one'] }));
}

export function linearScan(m: ModelPhase): Operation[] {
  const { delta, gated } = sizesOf(m);
  return [
    ...where(gated, [channelGates(m)]),
    ...where(delta, [queriesAndKeys(m), deltaScores(m), deltaValues(m)]),
    linearStates(m),
    linearOutputs(m),
  ];
}

/** Gradients of values by their chunk, of states from the last chunk to the first, and of queries, keys and what was written. */
function gradients(m: ModelPhase): Operation[] {
  const { keys, values, states, stateFlops, keyFlops, valueFlops, delta, gated } = sizesOf(m);
  const alone = 1 - delta;
  return [
    scanProduct(
      'linear values bwd',
      'backward',
      keyFlops + valueFlops + alone * stateFlops,
      HALF * (2 * keys + values + alone * states),
      HALF * values,
    ),
    scanProduct(
      'linear states bwd',
      'backward',
      stateFlops * (1 + 2 * delta),
      HALF * (keys * (1 + 2 * delta) + values * (1 + delta)),
      HALF * (states + delta * values),
    ),
    scanProduct(
      'linear gradients',
      'backward',
      stateFlops * (2 + delta) + 3 * keyFlops + valueFlops,
      HALF * (2 * keys + values * (2 + delta) + 2 * states) + SINGLE * keys * gated,
      HALF * keys * (2 + delta) + SINGLE * keys * gated,
    ),
  ];
}

/** Back through the triangular system; the sum of two gradients of keys is a pass by itself. */
function deltaGradients(m: ModelPhase): Operation {
  const { keys, values, pairs, keyFlops, valueFlops, solveFlops } = sizesOf(m);
  const read = HALF * (4 * keys + 2 * values + pairs);
  const flops = 3 * keyFlops + 2 * valueFlops + 4 * solveFlops;
  return scanProduct('delta values bwd', 'backward', flops, read, HALF * (2 * keys + values));
}

/** Back through scores that gates of channels weigh: queries, keys, gates and the gradients of all, and of both kinds of pairs. */
function channelGradients(m: ModelPhase): Operation[] {
  const { keys, pairs, keyFlops } = sizesOf(m);
  const read = (4 * HALF + 2 * SINGLE) * keys + 2 * SINGLE * pairs;
  return [
    scanProduct('channel scores bwd', 'backward', 4 * keyFlops, read, (2 * HALF + SINGLE) * keys),
    elementwise('channel gates bwd', keys, 'tokensTp', 1 + (2 * SINGLE) / HALF, 1 + SINGLE / HALF),
  ];
}

export function linearScanBackward(m: ModelPhase): Operation[] {
  const { keys, group, delta, gated } = sizesOf(m);
  const lengths = elementwise('queries and keys bwd', 2 * group, 'tokensTp', 1 + keys / group, 1);
  return [
    ...gradients(m),
    ...where(delta, [deltaGradients(m)]),
    ...where(gated, channelGradients(m)),
    ...where(delta, [lengths]),
  ];
}
