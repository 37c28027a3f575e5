/**
 * Rows of a layer with a state: one product makes gates, channels, what is written into states, what is read out of them, and what
 * its rule asks for; a short convolution, or an activation alone; the scan by chunks, of Mamba-2 (mambaScan.ts) or linear attention
 * (linearScan.ts); a gated norm; and a product back. The split over tp and sp is that of Megatron-Core: of its MambaMixer, heads over
 * both, groups over tp; of its gated delta net heads of keys over both (megatron/core/ssm).
 */
import { endsWithMixer, hasState, shareOf } from '../../psa/layerKinds.js';
import type { ModelPhase } from '../../psa/space.js';
import { linearAgain, linearScan, linearScanBackward } from './linearScan.js';
import { mambaScan, mambaScanBackward, mambaStates } from './mambaScan.js';
import { RULE_FLOPS, stateWidths } from './modelSize.js';
import type { Operation } from './operation.js';
import { unneeded } from './recomputation.js';
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
  SINGLE,
  shared,
  weightGradient,
} from './rows.js';

/** Values of a sequence: of all channels, of what the convolution looks at, and of all that is made of the input. */
function sizesOf(m: ModelPhase): Record<'channels' | 'convolved' | 'projected', number> {
  const { inner, group, made } = stateWidths(m);
  return { channels: m.seq * inner, convolved: m.seq * (inner + 2 * group), projected: m.seq * made };
}

interface StateProducts {
  readonly input: Product;
  /** Gates that are pressed to a narrow width, whole on each rank, and brought to that of heads. */
  readonly gates?: { readonly down: Product; readonly up: Product };
  readonly output: Product;
}

function products(m: ModelPhase): StateProducts {
  const { inner, keys, columns } = stateWidths(m);
  const product = { tokens: m.seq, copies: 1, work: 'tokensTp', w: 'weight' } as const;
  const column = { ...product, inner: m.hidden, x: 'tokens', y: 'tokensTp' } as const;
  const input: Product = { ...column, name: 'state input', columns, keep: 'tokensSeq' };
  const output: Product = {
    ...product,
    name: 'state output',
    inner,
    columns: m.hidden,
    x: 'tokensTp',
    y: 'tokens',
    keep: 'tokensTp',
  };
  if (m.stateGateRank === 0) return { input, output };
  const whole = { work: 'tokens', y: 'tokens', w: 'one', keep: undefined, sharesInput: true } as const;
  const down: Product = { ...column, ...whole, name: 'state gates down', columns: 2 * m.stateGateRank };
  const up: Product = {
    ...column,
    name: 'state gates up',
    inner: m.stateGateRank,
    columns: inner + keys,
    keep: 'tokens',
  };
  return { input, gates: { down, up }, output };
}

const isMamba = ({ stateRule }: ModelPhase): boolean => stateRule === 'mamba2';

/** Each rank of sp has a part of the sequence, and for the scan a part of the heads of all of it, however attention shares its work. */
function exchange(name: string, bytes: number): Operation[] {
  return [
    communicate(`exchange ${name}`, 'allToAll', 'sp', [bytes, 'tokensTp']),
    communicate(`exchange ${name} of the ring`, 'allToAll', 'contextRing', [bytes, 'tokensTp']),
  ];
}

function convolution(m: ModelPhase): Operation {
  const { convolved } = sizesOf(m);
  return elementwise('state convolution', convolved, 'tokensTp', 1, 1, {
    flops: [2 * m.stateConvolution * convolved, 'tokensTp'],
  });
}

function stateNorm(m: ModelPhase): Operation[] {
  const elements = m.seq * m.hidden;
  const norm = elementwise('state norm', elements, 'tokensNorm', 1, 1, { saved: [HALF * elements, 'tokensSeq'] });
  return ownNorms(m) > 0 ? shared(ownNorms(m), [norm]) : [];
}

function stateNormBackward(m: ModelPhase): Operation[] {
  if (ownNorms(m) === 0) return [];
  return shared(ownNorms(m), [elementwise('state norm bwd', m.seq * m.hidden, 'tokensNorm', 3, 1)]);
}

/** A decoded token: what the convolution looks at moves by one, and each state decays, is added to and read out. */
function step(m: ModelPhase): Operation[] {
  const { channels, convolved } = sizesOf(m);
  const looked = m.stateConvolution * convolved;
  const states = channels * m.stateDim;
  const whole = SINGLE / HALF;
  const convolution = elementwise('state convolution step', looked, 'tokensTp', 1, 1, {
    flops: [2 * looked, 'tokensTp'],
  });
  return [
    ...(m.stateConvolution > 0 ? [convolution] : []),
    elementwise('state step', states, 'tokensTp', whole, whole, {
      flops: [RULE_FLOPS[m.stateRule] * states, 'tokensTp'],
    }),
    elementwise('gated norm', channels, 'tokensTp', 2, 1),
  ];
}

/** All tokens of a sequence at once. What the products make is kept; of Mamba-2 all of it up to the norm's input is made again. */
function wholeSequence(m: ModelPhase): Operation[] {
  const { channels, projected } = sizesOf(m);
  return [
    ...exchange('state inputs', HALF * projected),
    { ...convolution(m), saved: [HALF * projected, 'tokensTp'] },
    ...(isMamba(m) ? mambaScan(m) : linearScan(m)),
    elementwise('gated norm', channels, 'tokensTp', 2, 1, { saved: [HALF * channels, 'tokensTp'] }),
    ...exchange('state outputs', HALF * channels),
  ];
}

function forwardRows(m: ModelPhase): Operation[] {
  const { input, gates, output } = products(m);
  const bytes = HALF * m.seq * m.hidden;
  return [
    enter('state input', bytes),
    forward(input),
    ...(gates === undefined ? [] : [forward(gates.down), forward(gates.up)]),
    ...(m.phase === 'decode' ? step(m) : wholeSequence(m)),
    ...outputRows(m, output),
  ];
}

/**
 * Where layers end with a state, no backward pass looks at its output; but mamba_ssm's training kernel has the product within itself
 * (ssd_combined.py, mamba_split_conv1d_scan_combined), and autograd keeps what such a function needs when it has ended.
 */
function outputRows(m: ModelPhase, output: Product): Operation[] {
  const behind = [
    ...leave('state output', HALF * m.seq * m.hidden),
    elementwise('state residual', m.seq * m.hidden, 'tokensSeq', 2, 1, { saved: dropoutMask(m) }),
  ];
  if (!endsWithMixer(m, hasState)) return [forward(output), ...behind];
  return isMamba(m) ? [forward(output), ...unneeded(behind)] : unneeded([forward(output), ...behind]);
}

/** The backward pass begins with what the forward pass has not kept: of Mamba-2 the convolution too. */
function made(m: ModelPhase): Operation[] {
  const rows = isMamba(m) ? [convolution(m), ...mambaStates(m)] : linearAgain(m);
  return rows.map((row) => ({ ...row, name: `${row.name} made again` }));
}

function backwardRows(m: ModelPhase): Operation[] {
  const { channels, convolved, projected } = sizesOf(m);
  const { input, gates, output } = products(m);
  const elements = m.seq * m.hidden;
  return [
    elementwise('state residual bwd', elements, 'tokensSeq', 2, 1),
    enter('state output gradient', HALF * elements),
    inputGradient(output, 'last'),
    weightGradient(output, 'none'),
    ...exchange('state output gradients', HALF * channels),
    elementwise('gated norm bwd', channels, 'tokensTp', 3, 2),
    ...made(m),
    ...(isMamba(m) ? mambaScanBackward(m) : linearScanBackward(m)),
    elementwise('state convolution bwd', convolved, 'tokensTp', 2, 1, {
      flops: [4 * m.stateConvolution * convolved, 'tokensTp'],
    }),
    ...exchange('state input gradients', HALF * projected),
    ...(gates === undefined ? [] : [inputGradient(gates.up, 'last'), weightGradient(gates.up, 'none')]),
    ...columnBackward('state input', gates === undefined ? [input] : [input, gates.down], HALF * elements),
  ];
}

/**
 * Bytes that a layer has of a sequence in inference, in the mean of all layers: states in single precision (mamba_ssm_cache_dtype of Nemotron
 * 3's configurations, mamba_ssm_dtype of Qwen3.5's), and what the convolution looks back at.
 */
export function meanStateBytes(m: ModelPhase): number {
  if (m.phase === 'training' || m.stateHeads === 0) return 0;
  const { inner, group } = stateWidths(m);
  const lookedBack = Math.max(m.stateConvolution - 1, 0) * (inner + 2 * group);
  return stateSpaceShare(m) * (SINGLE * inner * m.stateDim + HALF * lookedBack);
}

/** Heads that tp and sp share out together: of linear attention those of keys (Megatron-Core's gated delta net), which groups are. */
export function sharedHeads(m: ModelPhase): number {
  if (m.stateHeads === 0) return 0;
  return isMamba(m) ? m.stateHeads : m.stateGroups;
}

const stateSpaceShare = (m: ModelPhase): number => shareOf(m, hasState);

/** Abreast of attention it reads that one's norm. */
const ownNorms = (m: ModelPhase): number => shareOf(m, ({ mixer }) => mixer === 'stateSpace');

export function stateSpaceBlock(m: ModelPhase): Operation[] {
  return m.stateHeads === 0 ? [] : [...stateNorm(m), ...shared(stateSpaceShare(m), forwardRows(m))];
}

export function stateSpaceBackward(m: ModelPhase): Operation[] {
  return m.stateHeads === 0 ? [] : [...shared(stateSpaceShare(m), backwardRows(m)), ...stateNormBackward(m)];
}
