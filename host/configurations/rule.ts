/** Rules of frameworks: what must hold of a job, or it does not start. */
import { chunks, type Facts, modelNpus, replicas, stagedLayers } from './facts.js';
import type { Given } from './given.js';

/** A rule that is broken. */
export interface Violation {
  /** The rule in one or two words, for programs. */
  readonly rule: string;
  /** In words, with the numbers. */
  readonly says: string;
  /** Settings that it is about. */
  readonly settings: readonly string[];
}

/** What a framework calls the sizes that rules name. */
export interface Words {
  readonly tp: string;
  readonly sp: string;
  readonly pp: string;
  readonly ep: string;
  readonly etp: string;
  readonly batch: string;
  readonly microBatch: string;
  readonly heads: string;
  readonly kvHeads: string;
  readonly layers: string;
  readonly hidden: string;
  readonly ffn: string;
  readonly experts: string;
  readonly seq: string;
}

/** The words of a framework whose files name a model, and so give its sizes by one setting. */
export function modelWords(model: string): Pick<Words, 'heads' | 'kvHeads' | 'layers' | 'hidden' | 'ffn' | 'experts'> {
  return { heads: model, kvHeads: model, layers: model, hidden: model, ffn: model, experts: model };
}

export type Broken = Omit<Violation, 'rule'> | undefined;

/** A rule of the numbers alone: it holds of neighbours of a configuration, too. */
export interface FactRule {
  readonly rule: string;
  readonly broken: (facts: Facts, words: Words) => Broken;
}

/** A rule of what a file says. */
export interface SettingRule {
  readonly rule: string;
  readonly broken: (given: Given, facts: Facts) => Broken;
}

export function settingRule(rule: string, broken: SettingRule['broken']): SettingRule {
  return { rule, broken };
}

/** `a` has to be a multiple of `b`. */
function multiple(a: number, what: string, b: number, of: string, ...settings: readonly string[]): Broken {
  return a % b === 0 ? undefined : { says: `${a} ${what} are no multiple of ${of} ${b}`, settings };
}

const isMixture = ({ model }: Facts): boolean => model.experts > 1;

export const WORLD: FactRule = {
  rule: 'world size',
  broken: (facts, words) => {
    const { tp, sp, pp } = words;
    return multiple(facts.npus, 'NPUs', modelNpus(facts), 'tensor × context × pipeline parallel', tp, sp, pp);
  },
};

export const HEADS: FactRule = {
  rule: 'attention heads',
  broken: ({ model, number }, { heads, tp }) =>
    multiple(model.heads, 'attention heads', number('workload.tp'), 'tensor parallel', heads, tp),
};

/** Of heads with keys and values of their own the rule of heads says it. */
export const KV_HEADS: FactRule = {
  rule: 'heads of keys and values',
  broken: ({ model, number }, { kvHeads, tp }) =>
    model.kvHeads < model.heads
      ? multiple(model.kvHeads, 'heads of keys and values', number('workload.tp'), 'tensor parallel', kvHeads, tp)
      : undefined,
};

/**
 * Ranks of both axes share out the heads of linear attention's keys (TransformerConfig of Megatron-Core), and Mamba-2's heads; its groups
 * those of tensor parallelism alone, for ranks of context parallelism may have copies (MambaMixer, MambaContextParallel).
 */
export const STATE_HEADS: FactRule = {
  rule: 'heads of states',
  broken: ({ model, number }, { tp, sp }) => {
    const { stateHeads, stateGroups, stateRule } = model;
    if (stateHeads === 0) return undefined;
    const tensor = number('workload.tp');
    const ranks = tensor * number('workload.sp');
    const of = 'tensor × context parallel';
    if (stateRule !== 'mamba2') return multiple(stateGroups, 'heads of keys of linear attention', ranks, of, tp, sp);
    const heads = multiple(stateHeads, 'heads of a state', ranks, of, tp, sp);
    return heads ?? multiple(stateGroups, 'groups of heads of a state', tensor, 'tensor parallel', tp);
  },
};

export const HEAD_SIZE: FactRule = {
  rule: 'size of a head',
  broken: ({ model }, { hidden, heads }) =>
    Number.isInteger(model.headDim)
      ? undefined
      : {
          says: `a hidden size of ${model.hidden} is no multiple of ${model.heads} attention heads`,
          settings: [hidden, heads],
        },
};

/** Longest heads that fused attention takes, and their step (flash-attention's README; cuDNN's fused attention). */
const LONGEST_HEAD = 256;
const HEAD_STEP = 8;

export const ATTENTION_KERNEL: FactRule = {
  rule: 'attention kernel',
  broken: ({ model, text }, { heads }) => {
    if (text('workload.attention') !== 'fused' || !Number.isInteger(model.headDim)) return undefined;
    if (model.headDim <= LONGEST_HEAD && model.headDim % HEAD_STEP === 0) return undefined;
    const says = `fused attention takes heads of at most ${LONGEST_HEAD} elements in steps of ${HEAD_STEP}, not ${model.headDim}`;
    return { says, settings: [heads] };
  },
};

export const FFN: FactRule = {
  rule: 'width of the MLP',
  broken: ({ model, number }, { ffn, tp }) => {
    const apart = number('workload.etp');
    const width = model.experts > 1 ? model.denseFfn : model.ffn;
    const dense = multiple(width, 'inner elements of the MLP', number('workload.tp'), 'tensor parallel', ffn, tp);
    if (dense !== undefined || model.experts === 1) return dense;
    return multiple(
      model.ffn,
      'inner elements of an expert',
      apart || number('workload.tp'),
      'tensor parallel',
      ffn,
      tp,
    );
  },
};

/** Stages of one size. */
export const EVEN_LAYERS: FactRule = {
  rule: 'layers',
  broken: (facts, { layers, pp }) => {
    const stages = facts.number('workload.pp') * chunks(facts);
    const of = chunks(facts) > 1 ? 'pipeline stages × model chunks' : 'pipeline parallel';
    return multiple(stagedLayers(facts), 'layers', stages, of, layers, pp);
  },
};

/** Stages may differ, but each has a layer. */
export const ENOUGH_LAYERS: FactRule = {
  rule: 'layers',
  broken: (facts, { layers, pp }) => {
    const stages = facts.number('workload.pp') * chunks(facts);
    if (facts.model.layers >= stages) return undefined;
    return { says: `${facts.model.layers} layers are fewer than ${stages} stages`, settings: [layers, pp] };
  },
};

/** Of a step, over all replicas. */
function sequencesOf({ model, number }: Facts): number {
  return number('workload.batch') || model.batch;
}

export const BATCH: FactRule = {
  rule: 'global batch',
  broken: (facts, { batch, microBatch }) => {
    if (!Number.isInteger(replicas(facts))) return undefined;
    // A micro-batch of 0 is all that a replica has.
    const each = Math.max(facts.number('workload.microBatch'), 1) * replicas(facts);
    return multiple(
      sequencesOf(facts),
      'sequences of a global batch',
      each,
      'micro-batch × data parallel',
      batch,
      microBatch,
    );
  },
};

/** Micro-batches of a step on each replica. */
export function microBatches(facts: Facts): number {
  return sequencesOf(facts) / (facts.number('workload.microBatch') * replicas(facts));
}

export const INTERLEAVING: FactRule = {
  rule: 'interleaved schedule',
  broken: (facts, { pp, batch }) => {
    if (chunks(facts) === 1) return undefined;
    const stages = facts.number('workload.pp');
    const count = microBatches(facts);
    const group = facts.number('workload.interleaveGroup') || stages;
    if (!Number.isInteger(count)) return undefined;
    if (group < stages) {
      return { says: `groups of ${group} micro-batches are fewer than ${stages} pipeline stages`, settings: [pp] };
    }
    const rest = count % group;
    if (rest === 0 || (group > stages && rest >= stages)) return undefined;
    return { says: `${count} micro-batches are no multiple of groups of ${group}`, settings: [batch, pp] };
  },
};

/** Model chunks are interleaved over the stages of a pipeline (arXiv 2104.04473, 2.2). */
export const PIPELINED_CHUNKS: FactRule = {
  rule: 'interleaved schedule',
  broken: (facts, { pp }) => {
    if (chunks(facts) === 1 || facts.number('workload.pp') > 1) return undefined;
    return { says: `${chunks(facts)} model chunks have a single stage`, settings: [pp] };
  },
};

/** Balanced context parallelism gives each rank a piece from the front of the sequence and one from its back. */
export const SEQUENCE: FactRule = {
  rule: 'sequence length',
  broken: ({ model, number, text }, { seq, sp, tp }) => {
    const cp = number('workload.sp');
    const pieces =
      cp > 1 ? multiple(model.seq, 'tokens of a sequence', 2 * cp, '2 × context parallel', seq, sp) : undefined;
    const split = text('workload.sequenceParallel') === 'on' && number('workload.tp') > 1;
    if (pieces !== undefined || !split) return pieces;
    return multiple(model.seq / cp, 'tokens of a rank', number('workload.tp'), 'tensor parallel', seq, tp);
  },
};

export const EXCHANGED_HEADS: FactRule = {
  rule: 'exchange of heads',
  broken: ({ model, number, text }, { heads, sp, tp }) => {
    const exchange = text('workload.contextExchange');
    const cp = number('workload.sp');
    if (cp === 1 || (exchange !== 'allToAll' && exchange !== 'twoLevel')) return undefined;
    const inner = exchange === 'allToAll' ? cp : number('workload.contextInner');
    if (cp % inner !== 0) return { says: `${inner} inner ranks do not divide context parallel ${cp}`, settings: [sp] };
    const each = Math.min(model.heads, model.kvRank > 0 ? model.heads : model.kvHeads) / number('workload.tp');
    return multiple(each, 'heads of a rank', inner, 'ranks that exchange heads', heads, tp, sp);
  },
};

export const EXPERTS: FactRule = {
  rule: 'experts',
  broken: (facts, { ep, etp, experts }) => {
    const { model, number } = facts;
    const ranks = number('workload.ep');
    if (!isMixture(facts)) {
      return ranks > 1 ? { says: `expert parallel ${ranks} without experts`, settings: [ep, experts] } : undefined;
    }
    const shared = multiple(model.experts, 'experts', ranks, 'expert parallel', experts, ep);
    if (shared !== undefined || !Number.isInteger(replicas(facts))) return shared;
    const apart = number('workload.etp');
    if (apart === 0) return multiple(replicas(facts), 'replicas', ranks, 'expert parallel', ep);
    const stage = facts.npus / number('workload.pp');
    return multiple(stage, 'NPUs of a stage', ranks * apart, 'expert parallel × expert tensor parallel', ep, etp);
  },
};

/** Steps of the sizes of products in eight bits (Transformer Engine's user guide: FP8). */
const EIGHT_BIT_STEP = 16;

export const PRECISION: FactRule = {
  rule: 'sizes in low precision',
  broken: ({ model, number, text }, { hidden, ffn, tp }) => {
    if (text('workload.precision') === 'bf16') return undefined;
    const ranks = number('workload.tp');
    const widths: (readonly [number, string, string])[] = [
      [model.hidden, 'the hidden size', hidden],
      [(model.experts > 1 ? model.denseFfn : model.ffn) / ranks, "a rank's width of the MLP", ffn],
    ];
    const odd = widths.find(([width]) => width % EIGHT_BIT_STEP !== 0);
    if (odd === undefined) return undefined;
    return { says: `${odd[1]} is ${odd[0]}, in low precision a multiple of ${EIGHT_BIT_STEP}`, settings: [odd[2], tp] };
  },
};
