/** Rows of an op graph: what they are made of. */

/** `attention`: the products of the attention core, whose inner sizes are small. */
export type Kind = 'gemm' | 'elementwise' | 'collective' | 'attention';

/**
 * Whose rates an operation has. `linear`: products of layers, in the design's precision; `experts`: those of all experts together;
 * `cache`: attention over a cache, which memory bounds.
 */
export const RATE = {
  gemm: 0,
  elementwise: 1,
  attention: 2,
  attentionBackward: 3,
  cache: 4,
  linear: 5,
  experts: 6,
} as const;
export type Rate = keyof typeof RATE;
export const RATE_COUNT = 7;

export const COLLECTIVE = { allReduce: 0, allGather: 1, reduceScatter: 2, allToAll: 3 } as const;
export type Collective = keyof typeof COLLECTIVE;
export const COLLECTIVE_COUNT = 4;

/**
 * Who takes part: the axes tp, sp, ep alone; `data`: all replicas of a dense weight (sp·dp); `expertData`: all replicas of
 * an expert's weight (sp·dp/ep). `outerData`: where state is sharded inside groups of the replicas, those that hold the same shard;
 * data and expertData are then one such group. `contextRing`: those of sp round which keys and values are passed, where they
 * are; sp is then what remains. `etp`: those that split an expert, where experts lie apart from all else. `pp`: the stages.
 */
export const GROUP = {
  tp: 0,
  sp: 1,
  ep: 2,
  data: 3,
  expertData: 4,
  outerData: 5,
  contextRing: 6,
  etp: 7,
  pp: 8,
} as const;
export type Group = keyof typeof GROUP;
export const GROUP_COUNT = 9;
/** Those that have collectives: stages send, so they come last. */
export const CHANNEL_GROUPS = 8;

/** Where compute waits for a group's collectives within a section, it waits for tp, sp or ep: their number. */
const WAITED = { tp: 0, sp: 1, ep: 2, contextRing: 1, etp: 0 } as const satisfies Partial<Record<Group, number>>;
export const WAITED_COUNT = 3;
/** The same by the number of a group. */
export const WAITED_AS = Uint8Array.from(Object.keys(GROUP), (group) => WAITED[group as keyof typeof WAITED] ?? 0);
/** The groups that compute waits for as tp, sp or ep. */
export const WAITED_GROUPS = Array.from({ length: WAITED_COUNT }, (_, waited) =>
  (Object.keys(WAITED) as (keyof typeof WAITED)[])
    .filter((group) => WAITED[group] === waited)
    .map((group) => GROUP[group]),
);

/** A kind of collective in a group is channel kind · CHANNEL_GROUPS + group; sets of channels are bits of one word. */
export const CHANNEL_COUNT = COLLECTIVE_COUNT * CHANNEL_GROUPS;

/**
 * The collectives of a step that are no rows: over the replicas of weights, of a layer (gathered, its gradients reduced), of the
 * edges of the model, of all layers after a sharded update; between stages; and of shards of gradients between groups of replicas.
 * The rows' own calls follow.
 */
export const CALL = {
  gatherDense: 0,
  gatherExpert: 1,
  gradientDense: 2,
  gradientExpert: 3,
  headGradient: 4,
  embedGradient: 5,
  firstGather: 6,
  updatedDense: 7,
  updatedExpert: 8,
  boundary: 9,
  outerDense: 10,
  outerExpert: 11,
  outerHead: 12,
  outerEmbed: 13,
  rows: 14,
} as const;
/** Most calls of a graph: lowering.ts checks that its rows need no more. */
export const CALL_COUNT = 40;

/**
 * What a coefficient is multiplied by; b is the micro-batch in sequences. tp' = tp with sequence parallelism, else 1;
 * tpKv = min(tp, heads of keys and values), of a cache tpCache = min(tp, heads that it has); sp' = sp, but 1 in decode, whose one token cannot be split.
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
  /** b/min(tp·x, heads of keys and values) : those of the whole sequence; x ranks exchange heads, 1 where they are gathered. */
  kv: 5,
  /** b/(sp·tpCache) : the cache of past keys and values. */
  cache: 6,
  /** b/(sp·tp) : attention over the cache. */
  context: 7,
  /** 1/tp */
  weight: 8,
  /** 1/tpKv */
  weightKv: 9,
  /** 1/(tp·ep), apart 1/(etp·ep) */
  weightExpert: 10,
  /** The same of the experts that a micro-batch's tokens reach. */
  weightReached: 11,
  /** kv·x/sp' : keys and values behind an exchange of heads, a head at least; without one tokensKv. */
  kvExchanged: 12,
  /** tokensTp/r, r the ranks round a ring, and as much more as the last rank has to do : attention to the last keys and values. */
  tokensRing: 13,
  /** The same of all before those : r − 1 times as much. */
  tokensPassed: 14,
  /** ℓ·tokensSeq, ℓ the load of the fullest experts; where they lie apart ℓ·tokensTp : tokens on their way to experts. */
  tokensRouted: 15,
  /** ℓ·tokens; apart ℓ·b·etp/(sp'·tp) : tokens that all ranks of an expert hold in full. */
  tokensExpert: 16,
  /** ℓ·tokensTp : what these ranks split. */
  tokensExpertTp: 17,
  /** tokens, or of the operands of products in their number format as much of them : what tensor-parallel ranks gather. */
  tokensGathered: 18,
  /** tokensTp, and as much less or more as kernels of the loss reach another share of the memory's bandwidth than others. */
  tokensLoss: 19,
  /** tokensSeq, and what unfused kernels of a norm pass over more than a fused one : what norms read and write. */
  tokensNorm: 20,
  /** The same of tokensTp and the softmax over scores in memory. */
  tokensSoftmax: 21,
  /** weight·(1 + bytes of a summed gradient) : a gradient in half precision is read, and what it is added to read and written. */
  weightSummed: 22,
  /** The same of weightKv and of weightExpert. */
  weightKvSummed: 23,
  weightExpertSummed: 24,
  /** tokensTp and tokensKv, and as much less or more as kernels of single operations reach another share of the memory's bandwidth : rotations. */
  tokensRotated: 25,
  tokensKvRotated: 26,
  /** weight, weightKv and weightExpert, and as much less or more as long copies reach another share of the memory's bandwidth; no experts of one rank alone. */
  weightCopied: 27,
  weightKvCopied: 28,
  weightExpertCopied: 29,
  /** The same · (1 + half the bytes of a gradient on its way) : it is read in half precision and written to where it leaves from. */
  gradientCopied: 30,
  gradientKvCopied: 31,
  gradientExpertCopied: 32,
  /** tokensPlaced·N/k, N of a token's k copies that travel, by node one to each of its experts' ranks : tokens as they come from other ranks. */
  tokensReceived: 33,
  /** tokensRouted and tokensExpertTp, and as much more as programs pass over places that stay empty : places of experts for tokens. */
  tokensPlaced: 34,
  placesExpertTp: 35,
  /** tokens and tokensGathered, and as much less as copies reach more of the memory's bandwidth than other element-wise kernels : what collectives copy. */
  tokensCopied: 36,
  gatheredCopied: 37,
} as const;
export type Scale = keyof typeof SCALE;
export const SCALE_COUNT = 38;

/** Bits of a design that rows ask for: no more than these 31, as operators on bits give the next one a sign. */
export const FLAG = {
  sequenceParallel: 1,
  fusedAttention: 2,
  recomputeAll: 4,
  recomputeCore: 8,
  exchangeHeads: 16,
  contextRing: 32,
  expertsApart: 64,
  /** Experts lie on several ranks. */
  expertsSpread: 128,
  /** Modules that are recomputed by themselves: recomputation.ts. */
  recomputeNorms: 256,
  recomputeUpProjections: 512,
  recomputeMlp: 1024,
  recomputeExperts: 2048,
  recomputeExpertActivation: 4096,
  recomputeSharedExperts: 8192,
  /** And a token travels once to each node and rank that has some of its experts. */
  expertsByNode: 16384,
  recomputeOperations: 32768,
  /** A layer, or its dense MLP, is run again no further than is needed. */
  earlyEnd: 65536,
  /** Biases of experts are added by operations of their own. */
  expertBiasApart: 131072,
  /** Gradients of each micro-batch are added to those before by operations of their own. */
  gradientsAdded: 262144,
  /** Queries and keys are rotated by an operation each. */
  rotaryApart: 524288,
  /** Queries and keys that were rotated are copies; heads of latent attention are joined anew. */
  rotaryCopied: 1048576,
  /** Weights that are gathered for a pass are copied to where its products read them. */
  weightsCopied: 2097152,
  /** And stay there for the backward pass. */
  weightsStay: 4194304,
  /** Gradients are copied to where they leave from, of each micro-batch. */
  gradientsCopied: 8388608,
  /** A module that is recomputed by itself, as above. */
  recomputeExpertProducts: 16777216,
  /** Tokens get to the places of experts and back by products with masks. */
  dispatchMasks: 33554432,
  /** Tensors of a layer that is recomputed whole that are kept all the same: recomputation.ts. */
  keepQkv: 67108864,
  keepAttentionOutput: 134217728,
  keepProjection: 268435456,
  keepMlpProducts: 536870912,
  /** Tensor-parallel ranks join pieces of several sequences, which are copied. */
  sequencesJoined: 1073741824,
} as const;
export type Flag = keyof typeof FLAG;

/**
 * Modules of a layer whose kept activations may lie on the host, as Megatron-Core's --offload-modules names them: each is a switch of
 * the workload by the same name.
 */
export const OFFLOADED_MODULES = [
  'offloadAttentionNorm',
  'offloadQkv',
  'offloadAttentionCore',
  'offloadProjection',
  'offloadMlpNorm',
  'offloadExperts',
  'offloadExpertActivation',
] as const;
export type OffloadedModule = (typeof OFFLOADED_MODULES)[number];

/**
 * Tensors of a layer that full recomputation may leave out, as MaxText's policies name them (layers/decoders.py, get_remat_policy):
 * query_proj, key_proj and value_proj; context; out_proj; mlpwi and mlpwo. Each is a parameter of the workload and a flag, by the same name.
 */
export const KEPT_TENSORS = [
  'keepQkv',
  'keepAttentionOutput',
  'keepProjection',
  'keepMlpProducts',
] as const satisfies readonly Flag[];
export type KeptTensor = (typeof KEPT_TENSORS)[number];

/** Which communication a compute operation waits for, the more the greater: none, all but the last one issued, or all. */
export const JOIN = { none: 0, previous: 1, last: 2 } as const;
export type Join = keyof typeof JOIN;

/** A coefficient per sequence and the scale that it is multiplied by. */
export type Term = readonly [coefficient: number, scale: Scale];

/** One operation. FLOPs count 2 per multiply-accumulate. Terms in FLOPs and bytes. */
export interface Operation {
  readonly name: string;
  readonly kind: Kind;
  readonly rate: Rate;
  readonly flops: Term;
  /** Activations read; for a collective its payload. */
  readonly input: Term;
  readonly output: Term;
  /** Weights read, or their gradients written. */
  readonly weight: Term;
  /** Which of the terms a product writes; its FLOPs are one multiply-accumulate for each byte of it and element of its depth. */
  readonly result: 'output' | 'weight';
  /** Activations, or their gradients, that are quantised for it where the design's precision is narrow. */
  readonly quantized: Term;
  /** Activations kept for the backward pass. */
  readonly saved: Term;
  /** Kept only if none of these modules is recomputed. */
  readonly droppedWith: readonly Flag[];
  /** Half of it only if none of these is either. */
  readonly halfDroppedWith: readonly Flag[];
  /** The module whose activations on the host these are part of, where that is said. */
  readonly offloadedWith: OffloadedModule | undefined;
  /** The tensor that these are, or are worth as much as, in half precision. */
  readonly keptWith: KeptTensor | undefined;
  /** Runs again in a layer that is recomputed whole only for this tensor. */
  readonly againFor: KeptTensor | undefined;
  /** The last of a layer, whose results no backward pass needs where the design has these flags, one at most. */
  readonly unneeded: Partial<Record<Flag, boolean>> | undefined;
  /** Makes the gradient of a weight, which no other operation of the pass waits for. */
  readonly weightGradient: boolean;
  /** How often it runs in the mean of all layers: 1, or less where only layers of one kind have it. */
  readonly share: number;
  readonly join: Join;
  readonly collective: Collective;
  readonly group: Group;
  /** A collective that may travel in pieces beside the product that it feeds or comes from. */
  readonly pipelined: boolean;
  /** The operation runs where the design has these flags set or clear. */
  readonly when: Partial<Record<Flag, boolean>>;
}

/** The flags that matter to a row, as bits, and those of them that must be set. */
export interface FlagBits {
  readonly mask: number;
  readonly value: number;
}

/** Rows are the same for all designs of a space, whose tables each ask for their flags. */
const knownBits = new WeakMap<Operation['when'], FlagBits>();

export function flagBits(when: Operation['when']): FlagBits {
  const known = knownBits.get(when);
  if (known !== undefined) return known;
  let mask = 0;
  let value = 0;
  for (const flag of Object.keys(when) as Flag[]) {
    mask |= FLAG[flag];
    if (when[flag]) value |= FLAG[flag];
  }
  const bits = { mask, value };
  knownBits.set(when, bits);
  return bits;
}

/** Products in the design's precision, whose inputs are quantised. */
export const isNarrow = ({ rate }: Operation): boolean => rate === 'linear' || rate === 'experts';

/** Collectives are rows that compute nothing. */
export const isCollective = ({ kind }: Operation): boolean => kind === 'collective';

/** The channel of a collective. */
export const channelOf = ({ collective, group }: Operation): number =>
  COLLECTIVE[collective] * CHANNEL_GROUPS + GROUP[group];

/** Rows that have something in common, in the order in which it comes up. */
export function groupsOf<T>(rows: readonly Operation[], key: (row: Operation) => T): [T, Operation[]][] {
  const groups = new Map<T, Operation[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return [...groups];
}
