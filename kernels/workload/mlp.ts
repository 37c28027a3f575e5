/** Rows of an MLP, dense or of experts: products and activation, alone and as a tensor-parallel region of its own. */
import type { ModelPhase } from '../../psa/space.js';
import { addBias, addBiasBackward, type BiasedMlp, clamp, clampBackward } from './expertBias.js';
import type { Flag, OffloadedModule, Operation, Scale } from './operation.js';
import { droppedWith, recomputed } from './recomputation.js';
import {
  columnBackward,
  elementwise,
  enterTensorParallel as enter,
  forward,
  HALF,
  inputGradient,
  keptWith,
  leaveTensorParallel as leave,
  making,
  offloadedWith,
  type Product,
  shared,
  weightGradient,
} from './rows.js';

/** Products and activation of an MLP, and what its rows are called after. */
export interface Mlp extends BiasedMlp {
  readonly up: Product;
  readonly activation: string;
  /** Scale of what it passes over. */
  readonly activated: Scale;
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
export const EXPERT_MODULES: Dropped = {
  input: ['recomputeExperts', 'recomputeExpertProducts'],
  inner: ['recomputeExperts', 'recomputeExpertProducts'],
  besideGate: [],
  activated: ['recomputeExpertActivation'],
  onHost: { up: 'offloadExperts', activation: 'offloadExpertActivation' },
};
export const SHARED_MODULES: Dropped = {
  input: [],
  inner: ['recomputeExperts', 'recomputeSharedExperts'],
  besideGate: [],
  activated: [],
};

/** Scales of tokens that all ranks of an MLP hold, that they split, that its activation passes over, and that each keeps. */
type Scales = Readonly<Record<'whole' | 'split' | 'activated' | 'kept', Scale>>;
const DENSE: Scales = { whole: 'tokens', split: 'tokensTp', activated: 'tokensTp', kept: 'tokensSeq' };
export const ROUTED: Scales = {
  ...{ whole: 'tokensExpert', split: 'tokensExpertTp' },
  ...{ activated: 'placesExpertTp', kept: 'tokensRouted' },
};

/** `fanOut`: tokens that the MLP sees for each token, `width`: how wide they are. */
export function mlpOf(
  m: ModelPhase,
  name: string,
  ffn: number,
  { fanOut, width }: { readonly fanOut: number; readonly width: number },
  weights: Partial<Product>,
  dropped: Dropped,
  { whole, split, activated, kept }: Scales = DENSE,
): Mlp {
  const gates = m.gated ? 2 : 1;
  const dense = { tokens: m.seq * fanOut, copies: 1, work: split, w: 'weight', ...weights } as const;
  return {
    up: {
      ...dense,
      name: `${name} up`,
      inner: width,
      columns: ffn * gates,
      x: whole,
      y: split,
      keep: kept,
    },
    down: {
      ...dense,
      name: `${name} down`,
      inner: ffn,
      columns: width,
      x: split,
      y: whole,
      keep: split,
    },
    input: `${name} input`,
    output: `${name} output`,
    activation: name === 'MLP' ? 'activation' : `${name} activation`,
    split,
    activated,
    dropped,
    inner: m.seq * fanOut * ffn,
    gates,
    bytes: HALF * m.seq * width * fanOut,
  };
}

export function denseMlp(m: ModelPhase, ffn: number): Mlp {
  return mlpOf(m, 'MLP', ffn, { fanOut: 1, width: m.hidden }, {}, DENSE_MODULES);
}

export function activate({ activation, activated, inner, gates, split, dropped }: Mlp): Operation {
  const halfDroppedWith = gates > 1 ? dropped.besideGate : [];
  return elementwise(activation, inner, activated, gates, 1, { saved: [HALF * inner * gates, split], halfDroppedWith });
}

/** Up, activation and down. */
export function mlpForwardRows(mlp: Mlp): Operation[] {
  const { input, inner, activated, onHost } = mlp.dropped;
  return [
    ...offloadedWith(onHost?.up, making('keepMlpProducts', droppedWith(input, [forward(mlp.up)]))),
    ...offloadedWith(onHost?.activation, [
      ...droppedWith([...inner, ...activated], clamp(mlp)),
      ...keptWith('keepMlpProducts', droppedWith(inner, [activate(mlp)])),
    ]),
    ...droppedWith([...inner, ...activated], [forward(mlp.down)]),
    ...addBias(mlp),
  ];
}

/** Back to the activation's input; the product before it shares its columns' reduction with others of the same input. */
export function mlpBackwardRows(mlp: Mlp): Operation[] {
  const { down, activation, activated, inner, gates } = mlp;
  return [
    ...addBiasBackward(mlp),
    inputGradient(down, 'last'),
    weightGradient(down, 'none'),
    elementwise(`${activation} bwd`, inner, activated, 1 + gates, gates),
    ...clampBackward(mlp),
  ];
}

/** An MLP as a tensor-parallel region of its own. */
export function region(mlp: Mlp): Operation[] {
  const rows = [...mlpForwardRows(mlp), ...leave(mlp.output, mlp.bytes)];
  const output = rows.findIndex(({ name }) => name === mlp.down.name);
  return [
    ...making('keepMlpProducts', [enter(mlp.input, mlp.bytes)]),
    ...rows.slice(0, output),
    ...making('keepMlpProducts', rows.slice(output)),
  ];
}

export function regionBackward(mlp: Mlp): Operation[] {
  return [
    enter(`${mlp.output} gradient`, mlp.bytes),
    ...mlpBackwardRows(mlp),
    ...columnBackward(mlp.input, [mlp.up], mlp.bytes),
  ];
}

/** What every second product of a dense MLP leaves to be done again, in torchtitan's count gate, up and down: up. */
export function operationsAgain(mlp: Mlp, before: readonly Operation[] = []): Operation[] {
  const up = mlp.gates > 1 ? shared(1 / 2, [forward(mlp.up)]) : [];
  return recomputed({ recomputeOperations: true, recomputeMlp: false }, [...before, ...up, activate(mlp)]);
}
