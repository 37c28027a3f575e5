/**
 * Rows of a mixture: a router and experts, with those that all tokens go through (arXiv 2401.06066). Experts exchange tokens by
 * all-to-all: GShard, arXiv 2006.16668; they may work in a latent width of their own: LatentMoE, arXiv 2512.20856.
 */
import type { ModelPhase } from '../../psa/space.js';
import { outputNorm } from './attentionBlock.js';
import { combineByMasks, combineByMasksBackward, dispatchByMasks, dispatchByMasksBackward } from './dispatchMasks.js';
import { clamp } from './expertBias.js';
import {
  activate,
  EXPERT_MODULES,
  type Mlp,
  mlpBackwardRows,
  mlpForwardRows,
  mlpOf,
  ROUTED,
  region,
  regionBackward,
  SHARED_MODULES,
} from './mlp.js';
import { expertWidth } from './modelSize.js';
import type { Operation, Term } from './operation.js';
import { droppedWith, recomputed, unneeded } from './recomputation.js';
import {
  communicate,
  dropoutMask,
  elementwise,
  enterTensorParallel as enter,
  forward,
  HALF,
  inputGradient,
  leaveTensorParallel as leave,
  OWN_TOKENS,
  type Product,
  under,
  type When,
  weightGradient,
} from './rows.js';

interface Mixture {
  readonly router: Product;
  /** To the latent that experts work in and back, each rank of its own tokens (Megatron-Core's fc1_latent_proj and fc2_latent_proj). */
  readonly latent?: { readonly down: Product; readonly up: Product };
  readonly experts: Mlp;
  readonly always: Mlp | undefined;
  /** What the experts' ranks exchange. */
  readonly exchanged: Term;
}

/** Of the experts that all tokens go through; its input is the router's, which keeps it. */
function sharedExpert(m: ModelPhase): Mlp {
  const mlp = mlpOf(m, 'shared expert', m.sharedFfn, { fanOut: 1, width: m.hidden }, {}, SHARED_MODULES);
  return { ...mlp, up: { ...mlp.up, keep: undefined } };
}

function mixtureOf(m: ModelPhase, ffn: number): Mixture {
  const widths = { tokens: m.seq, inner: m.hidden, columns: m.experts };
  const router: Product = { ...OWN_TOKENS, name: 'router', ...widths, half: true };
  const weights = { copies: m.experts, w: 'weightReached', grouped: true } as const;
  const tokens = { fanOut: m.expertsPerToken, width: expertWidth(m) };
  const routed = mlpOf(m, 'experts', ffn, tokens, weights, EXPERT_MODULES, ROUTED);
  const experts: Mlp = m.mlpBias && m.phase === 'training' ? { ...routed, biased: true } : routed;
  const always = m.sharedFfn > 0 ? sharedExpert(m) : undefined;
  const exchanged: Term = [experts.bytes, 'tokensRouted'];
  return { router, ...(m.expertLatent > 0 ? { latent: latentOf(m) } : {}), experts, always, exchanged };
}

function latentOf(m: ModelPhase): { down: Product; up: Product } {
  const { hidden, expertLatent, seq: tokens } = m;
  const down: Product = { ...OWN_TOKENS, name: 'latent down', tokens, inner: hidden, columns: expertLatent };
  // Its input is the router's, which keeps it.
  return {
    down: { ...down, keep: undefined },
    up: { ...OWN_TOKENS, name: 'latent up', tokens, inner: expertLatent, columns: hidden },
  };
}

/** Are outputs of experts summed before they are as wide as the residual stream? */
function sumLatents(m: ModelPhase): Operation[] {
  return byCopies([elementwise('sum outputs', m.seq * m.expertLatent, 'tokensSeq', m.expertsPerToken, 1)]);
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
  return elementwise(name, m.seq * expertWidth(m) * m.expertsPerToken, 'tokensRouted', 1, 1);
}

const SORTED: When = { expertsSpread: true, dispatchMasks: false };

/**
 * Tokens lie in memory by the rank that they go to, and where they come from several ranks, by the expert that works on them: each
 * step is a copy (permutation and sort_chunks of Megatron-Core's dispatcher, arXiv 2603.07685). What came by node is read once for all
 * experts of the rank (Transformer Engine's permutation.py, _permute_kernel).
 */
function sortTokens(m: ModelPhase, name: string): Operation[] {
  const row = copyRouted(m, name);
  return under(SORTED, [{ ...row, input: [row.input[0], 'tokensReceived'], output: [row.output[0], 'tokensPlaced'] }]);
}

/** Back: what the experts of a rank make of a token is read, and written as it leaves, by node as one sum (_unpermute_kernel). */
function unsortTokens(m: ModelPhase, name: string): Operation[] {
  const row = copyRouted(m, name);
  return under(SORTED, [{ ...row, input: [row.input[0], 'tokensPlaced'], output: [row.output[0], 'tokensReceived'] }]);
}

/**
 * Exchanges by node read tokens where they lie and bring them back summed (DeepEP), so they are not copied for each expert; nor are they
 * where products with masks bring them to experts' places.
 */
function byCopies(rows: readonly Operation[]): Operation[] {
  return under({ expertsByNode: false, dispatchMasks: false }, rows);
}

/** Engines of inference gather tokens within the products of experts (vLLM's fused_moe), in training they are kept in their order. */
function permuteTokens(m: ModelPhase): Operation[] {
  return m.phase === 'training' ? [...byCopies([copyRouted(m, 'permute tokens')]), ...dispatchByMasks(m)] : [];
}

/** Experts that are recomputed by themselves keep what they read as it came, not the operand that it is quantised to. */
function keepInput({ bytes }: Mlp): Operation[] {
  const saved: Term = [bytes, 'tokensRouted'];
  const row = elementwise('keep experts input', 0, 'tokensRouted', 0, 0, { saved, droppedWith: ['recomputeExperts'] });
  return under({ recomputeExpertProducts: true }, [row]);
}

/**
 * Exchanges by node bring back sums of what the router's weights are in already, of which autograd keeps no tensor (DeepEP's combine);
 * but what is behind them may.
 */
function combineTokens(m: ModelPhase, { latent, exchanged }: Mixture): Operation[] {
  const combine = [communicate('combine tokens', 'allToAll', 'ep', exchanged)];
  return latent || m.norms === 4 ? combine : unneeded(combine, { expertsByNode: true });
}

/** At the sum that products with masks make only what is behind it may look. */
function combineMasked(m: ModelPhase, { latent }: Mixture): Operation[] {
  if (m.phase !== 'training') return [];
  return latent || m.norms === 4 ? combineByMasks(m) : unneeded(combineByMasks(m));
}

/** Experts, those that all tokens go through, and the ways there and back. */
function mixtureRows(m: ModelPhase, mixture: Mixture): Operation[] {
  const { router, latent, experts, always, exchanged } = mixture;
  return [
    ...(always ? region(always) : []),
    ...droppedWith(['recomputeNorms'], [forward(router)]),
    ...(latent ? [forward(latent.down)] : []),
    ...permuteTokens(m),
    communicate('dispatch tokens', 'allToAll', 'ep', exchanged),
    ...sortTokens(m, 'sort tokens'),
    ...keepInput(experts),
    ...expertRegion(experts),
    ...unsortTokens(m, 'sort outputs'),
    ...combineTokens(m, mixture),
    ...combineMasked(m, mixture),
    ...(latent ? [...sumLatents(m), ...droppedWith(['recomputeExperts'], [forward(latent.up)])] : []),
  ];
}

/** What is added to the residual stream behind a mixture, and how the sum is called. */
function mixtureResidual(m: ModelPhase, { latent, always }: Mixture): Operation[] {
  const add = (name: string, inputs: number) =>
    elementwise(name, m.seq * m.hidden, 'tokensSeq', inputs, 1, { saved: dropoutMask(m) });
  const shared = always ? 1 : 0;
  if (latent) return unneeded([add('latent experts residual', 2 + shared)]);
  return [
    ...byCopies([add('experts residual', 1 + m.expertsPerToken + shared)]),
    ...under({ expertsByNode: true }, unneeded([add('experts residual by node', 2 + shared)])),
    ...(m.phase === 'training'
      ? under({ dispatchMasks: true }, unneeded([add('experts residual by masks', 2 + shared)]))
      : []),
  ];
}

/** A mixture behind its norm, to the sum with the residual stream. */
export function mixtureForward(m: ModelPhase, ffn: number): Operation[] {
  const mixture = mixtureOf(m, ffn);
  return [
    ...mixtureRows(m, mixture),
    ...outputNorm(m, 'MLP'),
    ...mixtureResidual(m, mixture),
    gatherRouted(m, 'combined tokens'),
  ];
}

/** Backward through a product of each rank's own tokens. */
function ownBackward(product: Product): Operation[] {
  return [inputGradient(product, 'last'), weightGradient(product, 'none')];
}

/** Back from the gradient of that sum to the norm's. */
export function mixtureBackward(m: ModelPhase, ffn: number): Operation[] {
  const mixture = mixtureOf(m, ffn);
  const { router, latent, experts, always, exchanged } = mixture;
  const inPart = { recomputeExperts: false };
  const again = [...mixtureRows(m, mixture), gatherRouted(m, 'combined tokens')];
  return [
    ...recomputed({ recomputeExperts: true }, again),
    ...(latent ? ownBackward(latent.up) : []),
    ...combineByMasksBackward(m),
    ...byCopies([copyRouted(m, 'permute gradients')]),
    communicate('combine tokens bwd', 'allToAll', 'ep', exchanged),
    ...sortTokens(m, 'sort gradients'),
    ...recomputed({ ...inPart, recomputeExpertProducts: true }, [
      ...enterExperts(experts.input, experts.bytes),
      ...mlpForwardRows(experts),
    ]),
    ...recomputed({ ...inPart, recomputeExpertProducts: false, recomputeExpertActivation: true }, [
      ...clamp(experts),
      activate(experts),
    ]),
    ...expertRegionBackward(experts),
    ...unsortTokens(m, 'sort input gradients'),
    communicate('dispatch tokens bwd', 'allToAll', 'ep', exchanged),
    ...byCopies([elementwise('sum gradients', m.seq * expertWidth(m), 'tokensRouted', m.expertsPerToken, 1)]),
    ...dispatchByMasksBackward(m),
    ...(latent ? ownBackward(latent.down) : []),
    ...ownBackward(router),
    gatherRouted(m, 'dispatched gradients'),
    ...(always ? recomputed({ ...inPart, recomputeSharedExperts: true }, region(always)) : []),
    ...(always ? regionBackward(always) : []),
  ];
}
