/**
 * Rows of the other half of a layer: a dense MLP, or a router and experts, with those that all tokens go through (arXiv
 * 2401.06066). Experts exchange tokens by all-to-all: GShard, arXiv 2006.16668.
 */
import { type LayerKind, layerKinds } from '../../psa/layerKinds.js';
import type { ModelPhase } from '../../psa/space.js';
import { outputNorm, outputNormBackward } from './attentionBlock.js';
import { addBias, addBiasBackward, type BiasedMlp, clamp, clampBackward } from './expertBias.js';
import type { Flag, OffloadedModule, Operation, Scale, Term } from './operation.js';
import { droppedWith, recomputed, recomputedToEnd, unneeded } from './recomputation.js';
import {
  columnBackward,
  communicate,
  dropoutMask,
  elementwise,
  enterTensorParallel as enter,
  forward,
  HALF,
  inputGradient,
  leaveTensorParallel as leave,
  OWN_TOKENS,
  offloadedWith,
  type Product,
  shared,
  under,
  type When,
  weightGradient,
} from './rows.js';

/** Products and activation of an MLP, and what its rows are called after. */
interface Mlp extends BiasedMlp {
  readonly up: Product;
  readonly activation: string;
  /** Modules that are recomputed without what it keeps: its input, all behind it, of that the product beside the gate, what is activated. */
  readonly dropped: Dropped;
}

interface Dropped extends Readonly<Record<'input' | 'inner' | 'besideGate' | 'activated', readonly Flag[]>> {
  /** What of the rest may lie on the host: its input, and what the activation reads. */
  readonly onHost?: { readonly up: OffloadedModule; readonly activation: OffloadedModule };
}

const DENSE_MODULES: Dropped = {
  input: ['recomputeNorms', 'recomputeOperations'],
  inner: ['recomputeMlp'],
  besideGate: ['recomputeOperations'],
  activated: ['recomputeOperations'],
};
const EXPERT_MODULES: Dropped = {
  input: ['recomputeExperts'],
  inner: ['recomputeExperts'],
  besideGate: [],
  activated: ['recomputeExpertActivation'],
  onHost: { up: 'offloadExperts', activation: 'offloadExpertActivation' },
};
const SHARED_MODULES: Dropped = {
  input: [],
  inner: ['recomputeExperts', 'recomputeSharedExperts'],
  besideGate: [],
  activated: [],
};

/** Scales of tokens that all ranks of an MLP hold, that they split, and that each keeps. */
type Scales = Readonly<Record<'whole' | 'split' | 'kept', Scale>>;
const DENSE: Scales = { whole: 'tokens', split: 'tokensTp', kept: 'tokensSeq' };
const ROUTED: Scales = { whole: 'tokensExpert', split: 'tokensExpertTp', kept: 'tokensRouted' };

/** `fanOut`: tokens that the MLP sees for each token. */
function mlpOf(
  m: ModelPhase,
  name: string,
  ffn: number,
  fanOut: number,
  weights: Partial<Product>,
  dropped: Dropped,
  { whole, split, kept }: Scales = DENSE,
): Mlp {
  const gates = m.gated ? 2 : 1;
  const dense = { tokens: m.seq * fanOut, copies: 1, work: split, w: 'weight', ...weights } as const;
  return {
    up: {
      ...dense,
      name: `${name} up`,
      inner: m.hidden,
      columns: ffn * gates,
      x: whole,
      y: split,
      keep: kept,
    },
    down: {
      ...dense,
      name: `${name} down`,
      inner: ffn,
      columns: m.hidden,
      x: split,
      y: whole,
      keep: split,
    },
    input: `${name} input`,
    output: `${name} output`,
    activation: name === 'MLP' ? 'activation' : `${name} activation`,
    split,
    dropped,
    inner: m.seq * fanOut * ffn,
    gates,
    bytes: HALF * m.seq * m.hidden * fanOut,
  };
}

interface Mixture {
  readonly router: Product;
  readonly experts: Mlp;
  readonly always: Mlp | undefined;
  /** What the experts' ranks exchange. */
  readonly exchanged: Term;
}

export function denseMlp(m: ModelPhase, ffn: number): Mlp {
  return mlpOf(m, 'MLP', ffn, 1, {}, DENSE_MODULES);
}

/** Of the experts that all tokens go through; its input is the router's, which keeps it. */
function sharedExpert(m: ModelPhase): Mlp {
  const mlp = mlpOf(m, 'shared expert', m.sharedFfn, 1, {}, SHARED_MODULES);
  return { ...mlp, up: { ...mlp.up, keep: undefined } };
}

function mixtureOf(m: ModelPhase, ffn: number): Mixture {
  const widths = { tokens: m.seq, inner: m.hidden, columns: m.experts };
  const router: Product = { ...OWN_TOKENS, name: 'router', ...widths, half: true };
  const weights = { copies: m.experts, w: 'weightReached', grouped: true } as const;
  const routed = mlpOf(m, 'experts', ffn, m.expertsPerToken, weights, EXPERT_MODULES, ROUTED);
  const experts: Mlp = m.mlpBias && m.phase === 'training' ? { ...routed, biased: true } : routed;
  const always = m.sharedFfn > 0 ? sharedExpert(m) : undefined;
  return { router, experts, always, exchanged: [experts.bytes, 'tokensRouted'] };
}

function activate({ activation, inner, gates, split, dropped }: Mlp): Operation {
  const halfDroppedWith = gates > 1 ? dropped.besideGate : [];
  return elementwise(activation, inner, split, gates, 1, { saved: [HALF * inner * gates, split], halfDroppedWith });
}

/** Up, activation and down. */
export function mlpForwardRows(mlp: Mlp): Operation[] {
  const { input, inner, activated, onHost } = mlp.dropped;
  return [
    ...offloadedWith(onHost?.up, droppedWith(input, [forward(mlp.up)])),
    ...offloadedWith(onHost?.activation, [
      ...droppedWith([...inner, ...activated], clamp(mlp)),
      ...droppedWith(inner, [activate(mlp)]),
    ]),
    ...droppedWith([...inner, ...activated], [forward(mlp.down)]),
    ...addBias(mlp),
  ];
}

/** Back to the activation's input; the product before it shares its columns' reduction with others of the same input. */
export function mlpBackwardRows(mlp: Mlp): Operation[] {
  const { down, activation, inner, gates, split } = mlp;
  return [
    ...addBiasBackward(mlp),
    inputGradient(down, 'last'),
    weightGradient(down, 'none'),
    elementwise(`${activation} bwd`, inner, split, 1 + gates, gates),
    ...clampBackward(mlp),
  ];
}

/** An MLP as a tensor-parallel region of its own. */
function region(mlp: Mlp): Operation[] {
  return [enter(mlp.input, mlp.bytes), ...mlpForwardRows(mlp), ...leave(mlp.output, mlp.bytes)];
}

function regionBackward(mlp: Mlp): Operation[] {
  return [
    enter(`${mlp.output} gradient`, mlp.bytes),
    ...mlpBackwardRows(mlp),
    ...columnBackward(mlp.input, [mlp.up], mlp.bytes),
  ];
}

const APART: When = { expertsApart: true };

/** Experts as a region: of tp, or where they lie apart of etp, whose ranks have tokens of their own always. */
function enterExperts(name: string, bytes: number): Operation[] {
  return [
    ...under({ expertsApart: false }, [enter(name, bytes)]).map(routed),
    communicate(`gather ${name} apart`, 'allGather', 'etp', [bytes, 'tokensExpert'], APART),
  ];
}

function leaveExperts(name: string, bytes: number): Operation[] {
  return [
    ...under({ expertsApart: false }, leave(name, bytes)).map(routed),
    communicate(`reduce-scatter ${name} apart`, 'reduceScatter', 'etp', [bytes, 'tokensExpert'], APART),
  ];
}

/** The fullest experts' tokens; no framework has pieces of them beside products of all experts together. */
function routed(row: Operation): Operation {
  return { ...row, input: [row.input[0], 'tokensExpert'], pipelined: false };
}

/** Where tp does not split the sequence, each of its ranks sends a part of the tokens to experts apart, and all gather what comes back. */
function gatherRouted(m: ModelPhase, name: string): Operation {
  const when = { ...APART, sequenceParallel: false };
  return communicate(`gather ${name} apart`, 'allGather', 'tp', [HALF * m.seq * m.hidden, 'tokens'], when);
}

function expertRegion(mlp: Mlp): Operation[] {
  return [...enterExperts(mlp.input, mlp.bytes), ...mlpForwardRows(mlp), ...leaveExperts(mlp.output, mlp.bytes)];
}

function expertRegionBackward(mlp: Mlp): Operation[] {
  return [
    ...enterExperts(`${mlp.output} gradient`, mlp.bytes),
    ...mlpBackwardRows(mlp),
    ...enterExperts(`${mlp.input} again`, mlp.bytes),
    inputGradient(mlp.up, 'none'),
    ...leaveExperts(`${mlp.input} gradient`, mlp.bytes),
    weightGradient(mlp.up, 'previous'),
  ];
}

/** A copy of all tokens that are on their way to experts, or back. */
function copyRouted(m: ModelPhase, name: string): Operation {
  return elementwise(name, m.seq * m.hidden * m.expertsPerToken, 'tokensRouted', 1, 1);
}

/**
 * Tokens lie in memory by the rank that they go to, and where they come from several ranks, by the expert that works on them: each
 * step is a copy (permutation and sort_chunks of Megatron-Core's dispatcher, arXiv 2603.07685).
 */
function sortTokens(m: ModelPhase, name: string): Operation[] {
  return under({ expertsSpread: true }, [copyRouted(m, name)]);
}

/** Exchanges by node read tokens where they lie and bring them back summed (DeepEP), so they are not copied for each expert. */
function unlessByNode(rows: readonly Operation[]): Operation[] {
  return under({ expertsByNode: false }, rows);
}

/** Engines of inference gather tokens within the products of experts (vLLM's fused_moe), in training they are kept in their order. */
function permuteTokens(m: ModelPhase): Operation[] {
  return m.phase === 'training' ? unlessByNode([copyRouted(m, 'permute tokens')]) : [];
}

function mlpNorm(m: ModelPhase): Operation[] {
  const elements = m.seq * m.hidden;
  const norm = elementwise('MLP norm', elements, 'tokensNorm', 1, 1, { saved: [HALF * elements, 'tokensSeq'] });
  return offloadedWith('offloadMlpNorm', [norm]);
}

/** Experts, those that all tokens go through, and the ways there and back. */
function mixtureRows(m: ModelPhase, { router, experts, always, exchanged }: Mixture): Operation[] {
  return [
    ...(always ? region(always) : []),
    ...droppedWith(['recomputeNorms'], [forward(router)]),
    ...permuteTokens(m),
    communicate('dispatch tokens', 'allToAll', 'ep', exchanged),
    ...sortTokens(m, 'sort tokens'),
    ...expertRegion(experts),
    ...sortTokens(m, 'sort outputs'),
    communicate('combine tokens', 'allToAll', 'ep', exchanged),
  ];
}

/** A dense MLP, at whose output no backward pass looks unless a norm is behind it. */
function denseRegion(m: ModelPhase, mlp: Mlp): Operation[] {
  const rows = region(mlp);
  const last = m.norms < 4 ? rows.findIndex(({ name }) => name === mlp.down.name) : rows.length;
  return [...rows.slice(0, last), ...unneeded(rows.slice(last))];
}

function kindBlock(m: ModelPhase, { routed, ffn }: LayerKind): Operation[] {
  const elements = m.seq * m.hidden;
  const add = (name: string, inputs: number) =>
    elementwise(name, elements, 'tokensSeq', inputs, 1, { saved: dropoutMask(m) });
  if (!routed) {
    const mlp = denseMlp(m, ffn);
    return [
      ...droppedWith(['recomputeOperations'], mlpNorm(m)),
      ...denseRegion(m, mlp),
      ...outputNorm(m, 'MLP'),
      ...unneeded([add('MLP residual', 2)]),
    ];
  }
  const mixture = mixtureOf(m, ffn);
  return [
    ...mlpNorm(m),
    ...mixtureRows(m, mixture),
    ...outputNorm(m, 'MLP'),
    ...unlessByNode([add('experts residual', 1 + m.expertsPerToken + (mixture.always ? 1 : 0))]),
    ...under({ expertsByNode: true }, [add('experts residual by node', 2 + (mixture.always ? 1 : 0))]),
    gatherRouted(m, 'combined tokens'),
  ];
}

/** What every second product of a dense MLP leaves to be done again, in torchtitan's count gate, up and down: up. */
export function operationsAgain(mlp: Mlp, before: readonly Operation[] = []): Operation[] {
  const up = mlp.gates > 1 ? shared(1 / 2, [forward(mlp.up)]) : [];
  return recomputed({ recomputeOperations: true, recomputeMlp: false }, [...before, ...up, activate(mlp)]);
}

function kindBackward(m: ModelPhase, { routed, ffn }: LayerKind): Operation[] {
  const elements = m.seq * m.hidden;
  const before = [
    elementwise('MLP residual bwd', elements, 'tokensSeq', 2, 1),
    ...outputNormBackward(m, 'MLP'),
    ...recomputed({ recomputeNorms: true }, mlpNorm(m)),
  ];
  const norm = elementwise('MLP norm bwd', elements, 'tokensNorm', 3, 1);
  if (!routed) {
    const mlp = denseMlp(m, ffn);
    return [
      ...before,
      ...operationsAgain(mlp, mlpNorm(m)),
      ...recomputedToEnd({ recomputeMlp: true }, denseRegion(m, mlp)),
      ...regionBackward(mlp),
      norm,
    ];
  }
  const mixture = mixtureOf(m, ffn);
  const { router, experts, always, exchanged } = mixture;
  const inPart = { recomputeExperts: false };
  const again = [...mixtureRows(m, mixture), gatherRouted(m, 'combined tokens')];
  return [
    ...before,
    ...recomputed({ recomputeExperts: true }, again),
    ...unlessByNode([copyRouted(m, 'permute gradients')]),
    communicate('combine tokens bwd', 'allToAll', 'ep', exchanged),
    ...sortTokens(m, 'sort gradients'),
    ...recomputed({ ...inPart, recomputeExpertActivation: true }, [...clamp(experts), activate(experts)]),
    ...expertRegionBackward(experts),
    ...sortTokens(m, 'sort input gradients'),
    communicate('dispatch tokens bwd', 'allToAll', 'ep', exchanged),
    ...unlessByNode([elementwise('sum gradients', elements, 'tokensRouted', m.expertsPerToken, 1)]),
    inputGradient(router, 'last'),
    weightGradient(router, 'none'),
    gatherRouted(m, 'dispatched gradients'),
    ...(always ? recomputed({ ...inPart, recomputeSharedExperts: true }, region(always)) : []),
    ...(always ? regionBackward(always) : []),
    norm,
  ];
}

/** Layers with the same MLP, and the share that they are of all: more than one in all where some predict a later token. */
function mlpKinds(m: ModelPhase): { kind: LayerKind; share: number }[] {
  const kinds: { kind: LayerKind; share: number }[] = [];
  for (const kind of layerKinds(m)) {
    const known = kinds.find((other) => other.kind.routed === kind.routed);
    if (known) known.share += kind.layers / m.layers;
    else kinds.push({ kind, share: kind.layers / m.layers });
  }
  return kinds;
}

export function mlpBlock(m: ModelPhase): Operation[] {
  return mlpKinds(m).flatMap(({ kind, share }) => shared(share, kindBlock(m, kind)));
}

export function mlpBackward(m: ModelPhase): Operation[] {
  return mlpKinds(m).flatMap(({ kind, share }) => shared(share, kindBackward(m, kind)));
}
