/**
 * Rows of the other half of a layer: a dense MLP, or a router and experts, with those that all tokens go through (arXiv
 * 2401.06066). Experts exchange tokens by all-to-all: GShard, arXiv 2006.16668.
 */
import { type LayerKind, layerKinds } from '../../psa/layerKinds.js';
import type { ModelPhase } from '../../psa/space.js';
import { outputNorm, outputNormBackward } from './attentionBlock.js';
import type { Operation, Term } from './operation.js';
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
  type Product,
  shared,
  weightGradient,
} from './rows.js';

/** Products and activation of an MLP, and what its rows are called after. */
interface Mlp {
  readonly up: Product;
  readonly down: Product;
  readonly input: string;
  readonly output: string;
  readonly activation: string;
  /** Values behind the activation, for a sequence. */
  readonly inner: number;
  readonly gates: number;
  /** Bytes of its input and output on their way over tp. */
  readonly bytes: number;
}

/** `fanOut`: tokens that the MLP sees for each token. */
function mlpOf(m: ModelPhase, name: string, ffn: number, fanOut: number, weights: Partial<Product>): Mlp {
  const gates = m.gated ? 2 : 1;
  const dense = { tokens: m.seq * fanOut, copies: 1, work: 'tokensTp', w: 'weight', ...weights } as const;
  const isMlp = name !== 'shared expert';
  return {
    up: {
      ...dense,
      name: `${name} up`,
      inner: m.hidden,
      columns: ffn * gates,
      x: 'tokens',
      y: 'tokensTp',
      keep: 'tokensSeq',
    },
    down: {
      ...dense,
      name: `${name} down`,
      inner: ffn,
      columns: m.hidden,
      x: 'tokensTp',
      y: 'tokens',
      keep: 'tokensTp',
    },
    input: isMlp ? 'MLP input' : `${name} input`,
    output: isMlp ? 'MLP output' : `${name} output`,
    activation: isMlp ? 'activation' : `${name} activation`,
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
  return mlpOf(m, 'MLP', ffn, 1, {});
}

function mixtureOf(m: ModelPhase, ffn: number): Mixture {
  const router: Product = {
    name: 'router',
    tokens: m.seq,
    inner: m.hidden,
    columns: m.experts,
    copies: 1,
    work: 'tokensSeq',
    x: 'tokensSeq',
    y: 'tokensSeq',
    w: 'one',
    keep: undefined,
    half: true,
  };
  const experts = mlpOf(m, 'experts', ffn, m.expertsPerToken, {
    copies: m.experts,
    w: 'weightReached',
    grouped: true,
  });
  const always = m.sharedFfn > 0 ? mlpOf(m, 'shared expert', m.sharedFfn, 1, {}) : undefined;
  return { router, experts, always, exchanged: [experts.bytes, 'tokensSeq'] };
}

/** Up, activation and down. */
export function mlpForwardRows({ up, down, activation, inner, gates }: Mlp): Operation[] {
  return [
    forward(up),
    elementwise(activation, inner, 'tokensTp', gates, 1, { saved: [HALF * inner * gates, 'tokensTp'] }),
    forward(down),
  ];
}

/** Back to the activation's input; the product before it shares its columns' reduction with others of the same input. */
export function mlpBackwardRows({ down, activation, inner, gates }: Mlp): Operation[] {
  return [
    inputGradient(down, 'last'),
    weightGradient(down, 'none'),
    elementwise(`${activation} bwd`, inner, 'tokensTp', 1 + gates, gates),
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

function kindBlock(m: ModelPhase, { routed, ffn }: LayerKind): Operation[] {
  const elements = m.seq * m.hidden;
  const norm = elementwise('MLP norm', elements, 'tokensSeq', 1, 1, { saved: [HALF * elements, 'tokensSeq'] });
  const residual = (inputs: number) => [
    ...outputNorm(m, 'MLP'),
    elementwise('MLP residual', elements, 'tokensSeq', inputs, 1, { saved: dropoutMask(m) }),
  ];
  if (!routed) return [norm, ...region(denseMlp(m, ffn)), ...residual(2)];
  const { router, experts, always, exchanged } = mixtureOf(m, ffn);
  return [
    norm,
    ...(always ? region(always) : []),
    forward(router),
    communicate('dispatch tokens', 'allToAll', 'ep', exchanged),
    ...region(experts),
    communicate('combine tokens', 'allToAll', 'ep', exchanged),
    ...residual(1 + m.expertsPerToken + (always ? 1 : 0)),
  ];
}

function kindBackward(m: ModelPhase, { routed, ffn }: LayerKind): Operation[] {
  const elements = m.seq * m.hidden;
  const residual = [elementwise('MLP residual bwd', elements, 'tokensSeq', 2, 1), ...outputNormBackward(m, 'MLP')];
  const norm = elementwise('MLP norm bwd', elements, 'tokensSeq', 3, 1);
  if (!routed) return [...residual, ...regionBackward(denseMlp(m, ffn)), norm];
  const { router, experts, always, exchanged } = mixtureOf(m, ffn);
  return [
    ...residual,
    communicate('combine tokens bwd', 'allToAll', 'ep', exchanged),
    ...regionBackward(experts),
    communicate('dispatch tokens bwd', 'allToAll', 'ep', exchanged),
    inputGradient(router, 'last'),
    weightGradient(router, 'none'),
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
