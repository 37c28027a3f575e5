/** Rows of an op graph: what the kernels' tables hold of one operation, and how it is packed. */

/** `attention`: the products of the attention core, whose inner sizes are small. */
export const KIND = { gemm: 0, elementwise: 1, collective: 2, attention: 3 } as const;
export type Kind = keyof typeof KIND;

export const COLLECTIVE = { allReduce: 0, allGather: 1, reduceScatter: 2, allToAll: 3 } as const;
export type Collective = keyof typeof COLLECTIVE;
export const COLLECTIVE_COUNT = 4;

/**
 * Who takes part: the axes tp, sp, ep alone; `data`: all replicas of a dense weight (sp·dp); `expertData`: all replicas of
 * an expert's weight (sp·dp/ep); `pp`: the stages.
 */
export const GROUP = { tp: 0, sp: 1, ep: 2, data: 3, expertData: 4, pp: 5 } as const;
export type Group = keyof typeof GROUP;

/**
 * What a coefficient is multiplied by; b is the micro-batch in sequences. tp' = tp with sequence parallelism, else 1;
 * tpKv = min(tp, heads of keys and values); sp' = sp, but 1 in decode, whose one token cannot be split.
 */
export const SCALE = {
  one: 0,
  /** b/sp' : activations that every tensor-parallel rank holds in full. */
  tokens: 1,
  /** b/(sp'·tp) */
  tokensTp: 2,
  /** b/(sp'·tp') : norms, residuals, and what they save. */
  tokensSeq: 3,
  /** b/(sp'·tpKv) */
  tokensKv: 4,
  /** b/tpKv : keys and values of the whole sequence, gathered over sp. */
  kv: 5,
  /** b/(sp·tpKv) : the cache of past keys and values. */
  cache: 6,
  /** b/(sp·tp) : attention over the cache. */
  context: 7,
  /** 1/tp */
  weight: 8,
  /** 1/tpKv */
  weightKv: 9,
  /** 1/(tp·ep) */
  weightExpert: 10,
} as const;
export type Scale = keyof typeof SCALE;
export const SCALE_COUNT = 11;

/** Bits of a design that rows ask for. */
export const FLAG = { sequenceParallel: 1, fusedAttention: 2, recomputeAll: 4, recomputeCore: 8 } as const;
export type Flag = keyof typeof FLAG;

/** Which communication a compute operation waits for: none, the last one issued, or all but the last one. */
export const JOIN = { none: 0, last: 1, previous: 2 } as const;
export type Join = keyof typeof JOIN;

/** A coefficient per sequence and the scale that it is multiplied by. */
export type Term = readonly [coefficient: number, scale: Scale];

/** One operation. FLOPs count 2 per multiply-accumulate. Terms in FLOPs and bytes. */
export interface Operation {
  readonly name: string;
  readonly kind: Kind;
  readonly flops: Term;
  /** Activations read; for a collective its payload. */
  readonly input: Term;
  readonly output: Term;
  /** Weights read, or their gradients written. */
  readonly weight: Term;
  /** Activations kept for the backward pass. */
  readonly saved: Term;
  /** Kept only if the attention core is not recomputed. */
  readonly core: boolean;
  readonly join: Join;
  readonly collective: Collective;
  readonly group: Group;
  /** The operation runs where the design has these flags set or clear. */
  readonly when: Partial<Record<Flag, boolean>>;
}

export const ROW_INTEGERS = 2;
export const ROW_REALS = 5;

/** Row → its two integers: kind 2 bits, collective 2, group 3, join 2, then five scales of 4 from bit 12; flag mask, value, core. */
export function packInteger(op: Operation): [number, number] {
  const scales = [op.flops, op.input, op.output, op.weight, op.saved];
  let word = KIND[op.kind] | (COLLECTIVE[op.collective] << 2) | (GROUP[op.group] << 4) | (JOIN[op.join] << 7);
  for (const [i, [, scale]] of scales.entries()) word |= SCALE[scale] << (12 + 4 * i);
  let mask = 0;
  let value = 0;
  for (const [flag, wanted] of Object.entries(op.when)) {
    mask |= FLAG[flag as Flag];
    if (wanted) value |= FLAG[flag as Flag];
  }
  return [word >>> 0, mask | (value << 8) | (op.core ? 1 << 16 : 0)];
}

/** Row → its five numbers: MFLOP, then MB read, written, of weights, and saved. */
export function packReal(op: Operation): number[] {
  return [op.flops, op.input, op.output, op.weight, op.saved].map(([coefficient]) => coefficient * 1e-6);
}
