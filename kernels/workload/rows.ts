/** How the op graphs write their rows. Sizes are per sequence of the micro-batch. */
import type { ModelPhase } from '../../psa/space.js';
import type {
  Collective,
  Flag,
  Group,
  Join,
  KeptTensor,
  OffloadedModule,
  Operation,
  Rate,
  Scale,
  Term,
} from './operation.js';

/** Bytes of a half-precision and of a single-precision value. */
export const HALF = 2;
export const SINGLE = 4;

export const NOTHING: Term = [0, 'one'];

const blank = {
  rate: 'elementwise',
  flops: NOTHING,
  input: NOTHING,
  output: NOTHING,
  weight: NOTHING,
  result: 'output',
  quantized: NOTHING,
  saved: NOTHING,
  droppedWith: [],
  halfDroppedWith: [],
  offloadedWith: undefined,
  keptWith: undefined,
  againFor: undefined,
  unneeded: undefined,
  weightGradient: false,
  share: 1,
  join: 'last',
  collective: 'allReduce',
  group: 'tp',
  pipelined: false,
  when: {},
} as const;

export type When = Partial<Record<Flag, boolean>>;

/** A matrix product, or another operation that runs on the matrix units. */
export function gemm(name: string, parts: Partial<Operation>): Operation {
  return { ...blank, rate: 'gemm', ...parts, kind: 'gemm', name };
}

/** A product of the attention core. */
export function attentionProduct(name: string, parts: Partial<Operation>): Operation {
  return { ...blank, rate: 'attention', ...parts, kind: 'attention', name };
}

/** A collective; the payload is the whole buffer: what an all-gather leaves, what a reduce-scatter takes. */
export function communicate(
  name: string,
  collective: Collective,
  group: Group,
  payload: Term,
  when: When = {},
): Operation {
  return { ...blank, name, kind: 'collective', collective, group, input: payload, when };
}

/** Scales of traffic that kernels move more or less of than they compute, and those of what they compute. */
const COMPUTED: Partial<Record<Scale, Scale>> = {
  tokensNorm: 'tokensSeq',
  tokensSoftmax: 'tokensTp',
  tokensLoss: 'tokensTp',
  tokensRotated: 'tokensTp',
  tokensKvRotated: 'tokensKv',
};

/** An operation that memory bounds: reads and writes tensors of `elements` half-precision values, ~5 FLOPs an element. */
export function elementwise(
  name: string,
  elements: number,
  scale: Scale,
  reads: number,
  writes: number,
  parts: Partial<Operation> = {},
): Operation {
  return {
    ...blank,
    kind: 'elementwise',
    name,
    flops: [5 * elements, COMPUTED[scale] ?? scale],
    input: [HALF * elements * reads, scale],
    output: [HALF * elements * writes, scale],
    ...parts,
  };
}

/** Weights of a part of a model: those that all ranks of tensor parallelism split, of keys and values, and of experts. */
export type ParameterParts = readonly [dense: number, kv: number, expert: number];

/** Traffic alone over weights or their gradients, so many bytes of each; it waits for no communication. */
export function parameterTraffic(
  name: string,
  [dense, kv, expert]: ParameterParts,
  bytes: number,
  scales: readonly [dense: Scale, kv: Scale, expert: Scale],
  parts: Partial<Operation> = {},
): Operation {
  return elementwise(name, 0, 'one', 0, 0, {
    input: [bytes * dense, scales[0]],
    output: [bytes * kv, scales[1]],
    weight: [bytes * expert, scales[2]],
    join: 'none',
    ...parts,
  });
}

/** Y = X·W: `tokens` rows per sequence, `inner` × `columns` weights. */
export interface Product {
  readonly name: string;
  readonly tokens: number;
  readonly inner: number;
  readonly columns: number;
  /** Scales of the multiply-accumulates, of X, Y and W. */
  readonly work: Scale;
  readonly x: Scale;
  readonly y: Scale;
  readonly w: Scale;
  /** Copies of W that are read, one per expert. */
  readonly copies: number;
  /** Half precision whatever the design's: sizes that narrow formats do not pay for, or values that do not bear them. */
  readonly half?: true;
  /** The copies are of one kernel, each with the rows that are its own. */
  readonly grouped?: true;
  /** Another product has quantised X. */
  readonly sharesInput?: true;
  /** Scale of the X that the backward pass needs; undefined where another row keeps it. */
  readonly keep: Scale | undefined;
}

/** What is alike in products of the tokens that a rank has by itself, with weights that every rank holds whole. */
export const OWN_TOKENS = {
  work: 'tokensSeq',
  x: 'tokensSeq',
  y: 'tokensSeq',
  w: 'one',
  copies: 1,
  keep: 'tokensSeq',
} as const;

function termsOf(p: Product): Record<'flops' | 'x' | 'y' | 'w', Term> & { readonly rate: Rate } {
  return {
    rate: p.half ? 'gemm' : p.grouped ? 'experts' : 'linear',
    flops: [2 * p.tokens * p.inner * p.columns, p.work],
    x: [HALF * p.tokens * p.inner, p.x],
    y: [HALF * p.tokens * p.columns, p.y],
    w: [HALF * p.inner * p.columns * p.copies, p.w],
  };
}

export function forward(p: Product): Operation {
  const { rate, flops, x, y, w } = termsOf(p);
  const quantized = p.half || p.sharesInput ? NOTHING : x;
  return gemm(p.name, {
    rate,
    flops,
    input: x,
    output: y,
    weight: w,
    quantized,
    saved: p.keep ? [x[0], p.keep] : NOTHING,
  });
}

/** dX = dY·Wᵀ */
export function inputGradient(p: Product, join: Join): Operation {
  const { rate, flops, x, y, w } = termsOf(p);
  const quantized = p.half ? NOTHING : y;
  return gemm(`${p.name} dX`, { rate, flops, input: y, output: x, weight: w, quantized, join });
}

/**
 * dW = Xᵀ·dY: reads both activations and writes the gradient; traffic only adds up, so dY stands in the output's column. Both
 * were quantised before, X in the forward pass and dY for dX.
 */
export function weightGradient(p: Product, join: Join): Operation {
  const { rate, flops, x, y, w } = termsOf(p);
  return gemm(`${p.name} dW`, {
    rate,
    flops,
    input: x,
    output: y,
    weight: w,
    result: 'weight',
    join,
    weightGradient: true,
  });
}

/** Enters a tensor-parallel region: with sequence parallelism the ranks gather the sequence (arXiv 2205.05198, 4.2.2). */
export function enterTensorParallel(name: string, bytes: number): Operation {
  const row = communicate(`gather ${name}`, 'allGather', 'tp', [bytes, 'tokensGathered'], { sequenceParallel: true });
  return { ...row, pipelined: true };
}

/** Leaves it: partial sums are reduced, and scattered with sequence parallelism. */
export function leaveTensorParallel(name: string, bytes: number): Operation[] {
  const scatter = communicate(`reduce-scatter ${name}`, 'reduceScatter', 'tp', [bytes, 'tokens'], {
    sequenceParallel: true,
  });
  return [
    { ...scatter, pipelined: true },
    communicate(`all-reduce ${name}`, 'allReduce', 'tp', [bytes, 'tokens'], { sequenceParallel: false }),
  ];
}

/** The same rows, run only under further conditions. */
export function under(when: When, rows: readonly Operation[]): Operation[] {
  return rows.map((row) => ({ ...row, when: { ...row.when, ...when } }));
}

/** The same rows, whose activations may lie on the host with a module. */
export function offloadedWith(module: OffloadedModule | undefined, rows: readonly Operation[]): Operation[] {
  return rows.map((row) => ({ ...row, offloadedWith: module }));
}

/** The same rows, of which a layer that is recomputed whole runs none where it keeps the tensor that they make. */
export function making(tensor: KeptTensor, rows: readonly Operation[]): Operation[] {
  return rows.map((row) => ({ ...row, againFor: tensor }));
}

/** The same rows, whose activations are a tensor that such a layer may keep. */
export function keptWith(tensor: KeptTensor, rows: readonly Operation[]): Operation[] {
  return rows.map((row) => ({ ...row, keptWith: tensor }));
}

/** The same rows, run in a share of the layers; the layer that is simulated is the mean of all. */
export function shared(share: number, rows: readonly Operation[]): Operation[] {
  return rows.map((row) => ({ ...row, share: row.share * share }));
}

/** A 1-byte mask of each residual branch that is dropped. */
export function dropoutMask(m: ModelPhase): Term {
  return [m.dropout ? m.seq * m.hidden : 0, 'tokensSeq'];
}

/** Backward through Y = X·W in column-parallel layout: gather X beside dX, reduce dX beside dW. */
export function columnBackward(name: string, products: readonly Product[], bytes: number): Operation[] {
  return [
    enterTensorParallel(`${name} again`, bytes),
    ...products.map((product) => inputGradient(product, 'none')),
    ...leaveTensorParallel(`${name} gradient`, bytes),
    ...products.map((product) => weightGradient(product, 'previous')),
  ];
}
