/**
 * Rows of a state-space layer of Mamba-2 (arXiv 2405.21060): one product makes gates, channels, what is written into states, what is
 * read out of them, and a step of each head; a short convolution; the scan by chunks; a gated norm; and a product back. The scan's
 * kernels and number formats are those of mamba_ssm (ssd_combined.py), the split over tp and sp that of Megatron-Core's MambaMixer:
 * heads over both, groups over tp.
 */
import { shareOf } from '../../psa/layerKinds.js';
import type { ModelPhase } from '../../psa/space.js';
import { stateWidths } from './modelSize.js';
import type { Operation } from './operation.js';
import {
  attentionProduct,
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

interface Sizes {
  /** Values of a sequence: of all channels, of what is written or read, of states at the ends of chunks, of scores within chunks. */
  readonly channels: number;
  readonly group: number;
  readonly states: number;
  readonly scores: number;
  /** What the convolution looks at: channels, and what is written and read. */
  readonly convolved: number;
  /** Columns of the first product, for all tokens. */
  readonly projected: number;
  /** FLOPs of a product of channels and states, of scores and channels (half of them masked), of what is read and written. */
  readonly stateFlops: number;
  readonly outputFlops: number;
  readonly scoreFlops: number;
}

function sizesOf(m: ModelPhase): Sizes {
  const { inner, group, columns } = stateWidths(m);
  const channels = m.seq * inner;
  const chunk = Math.min(m.stateChunk, m.seq);
  return {
    channels,
    group: m.seq * group,
    states: Math.ceil(m.seq / chunk) * inner * m.stateDim,
    scores: m.seq * chunk * m.stateGroups,
    convolved: channels + 2 * m.seq * group,
    projected: m.seq * columns,
    stateFlops: 2 * channels * m.stateDim,
    outputFlops: channels * chunk,
    scoreFlops: 2 * m.seq * chunk * group,
  };
}

function products(m: ModelPhase): { input: Product; output: Product } {
  const { inner, columns } = stateWidths(m);
  const product = { tokens: m.seq, copies: 1, work: 'tokensTp', w: 'weight' } as const;
  return {
    input: { ...product, name: 'state input', inner: m.hidden, columns, x: 'tokens', y: 'tokensTp', keep: 'tokensSeq' },
    output: {
      ...product,
      name: 'state output',
      inner,
      columns: m.hidden,
      x: 'tokensTp',
      y: 'tokens',
      keep: 'tokensTp',
    },
  };
}

/**
 * How often tiles of a product of the scan read its operands, which caches do not keep from one to the next: fitted to the chunk outputs of
 * TileLang's benchmark (benchmark/mamba2 at be9c08f6; H800, 8 sequences of 1,024 to 32,768 tokens: 0.169 to 5.076 ms, within 6 %).
 */
const OPERAND_READS = 2.5;

/**
 * Times that mamba_ssm's kernels, which are Triton's, take as long as TileLang's on H100 in the mean: chunk-state and chunk-scan
 * of arXiv 2504.17577's linear attention. Scores are a batched product, which was not compared.
 */
export const TRITON_SLOWDOWN = { states: 2.1, outputs: 1.77, scores: 1 } as const;

/** A product of the scan, or its backward pass: traffic in bytes; its arithmetic is that of products in half precision. */
function scanProduct(
  part: keyof typeof TRITON_SLOWDOWN,
  pass: '' | ' bwd',
  flops: number,
  input: number,
  output: number,
): Operation {
  const slowdown = TRITON_SLOWDOWN[part];
  return attentionProduct(`chunk ${part}${pass}`, {
    rate: 'gemm',
    flops: [flops, 'tokensTp'],
    input: [slowdown * OPERAND_READS * input, 'tokensTp'],
    output: [slowdown * output, 'tokensTp'],
  });
}

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

/** States that chunks add by themselves, the states that they begin with, and scores within them. */
function chunkStates(m: ModelPhase): Operation[] {
  const { channels, group, states, scores, stateFlops, scoreFlops } = sizesOf(m);
  return [
    scanProduct('states', '', stateFlops, HALF * (channels + group), SINGLE * states),
    elementwise('pass on states', states, 'tokensTp', SINGLE / HALF, 1),
    scanProduct('scores', '', scoreFlops, 2 * HALF * group, SINGLE * scores),
  ];
}

function scan(m: ModelPhase): Operation[] {
  const { channels, group, states, scores, stateFlops, outputFlops } = sizesOf(m);
  const read = HALF * (channels + group + states) + SINGLE * scores;
  return [...chunkStates(m), scanProduct('outputs', '', stateFlops + outputFlops, read, HALF * channels)];
}

function stateNorm(m: ModelPhase): Operation {
  const elements = m.seq * m.hidden;
  return elementwise('state norm', elements, 'tokensNorm', 1, 1, { saved: [HALF * elements, 'tokensSeq'] });
}

/** A decoded token: what the convolution looks at moves by one, and each state decays, is added to and read out. */
function step(m: ModelPhase): Operation[] {
  const { channels, convolved } = sizesOf(m);
  const looked = m.stateConvolution * convolved;
  const states = channels * m.stateDim;
  const whole = SINGLE / HALF;
  return [
    elementwise('state convolution step', looked, 'tokensTp', 1, 1, { flops: [2 * looked, 'tokensTp'] }),
    elementwise('state step', states, 'tokensTp', whole, whole, { flops: [7 * states, 'tokensTp'] }),
    elementwise('gated norm', channels, 'tokensTp', 2, 1),
  ];
}

/** All tokens of a sequence at once. What the first product makes is kept, of which all up to the norm's input is made again. */
function wholeSequence(m: ModelPhase): Operation[] {
  const { channels, projected } = sizesOf(m);
  return [
    ...exchange('state inputs', HALF * projected),
    { ...convolution(m), saved: [HALF * projected, 'tokensTp'] },
    ...scan(m),
    elementwise('gated norm', channels, 'tokensTp', 2, 1, { saved: [HALF * channels, 'tokensTp'] }),
    ...exchange('state outputs', HALF * channels),
  ];
}

function forwardRows(m: ModelPhase): Operation[] {
  const { input, output } = products(m);
  const bytes = HALF * m.seq * m.hidden;
  return [
    stateNorm(m),
    enter('state input', bytes),
    forward(input),
    ...(m.phase === 'decode' ? step(m) : wholeSequence(m)),
    forward(output),
    ...leave('state output', bytes),
    elementwise('state residual', m.seq * m.hidden, 'tokensSeq', 2, 1, { saved: dropoutMask(m) }),
  ];
}

/** The backward pass begins with the convolution and the states of chunks once more: none of them is kept. */
function made(m: ModelPhase): Operation[] {
  return [convolution(m), ...chunkStates(m)].map((row) => ({ ...row, name: `${row.name} made again` }));
}

/** Gradients of each product's two factors; those of states and scores are passed in single precision, and back in half. */
function scanBackward(m: ModelPhase): Operation[] {
  const { channels, group, states, scores, stateFlops, outputFlops, scoreFlops } = sizesOf(m);
  return [
    scanProduct(
      'outputs',
      ' bwd',
      2 * (stateFlops + outputFlops),
      HALF * (2 * channels + group + states) + SINGLE * scores,
      HALF * (channels + group) + SINGLE * (states + scores),
    ),
    elementwise('pass on states bwd', states, 'tokensTp', 1 + SINGLE / HALF, 1),
    scanProduct('states', ' bwd', 2 * stateFlops, HALF * (channels + group + states), HALF * (channels + group)),
    scanProduct('scores', ' bwd', 2 * scoreFlops, SINGLE * scores + 2 * HALF * group, 2 * HALF * group),
  ];
}

function backwardRows(m: ModelPhase): Operation[] {
  const { channels, convolved, projected } = sizesOf(m);
  const { input, output } = products(m);
  const elements = m.seq * m.hidden;
  return [
    elementwise('state residual bwd', elements, 'tokensSeq', 2, 1),
    enter('state output gradient', HALF * elements),
    inputGradient(output, 'last'),
    weightGradient(output, 'none'),
    ...exchange('state output gradients', HALF * channels),
    elementwise('gated norm bwd', channels, 'tokensTp', 3, 2),
    ...made(m),
    ...scanBackward(m),
    elementwise('state convolution bwd', convolved, 'tokensTp', 2, 1, {
      flops: [4 * m.stateConvolution * convolved, 'tokensTp'],
    }),
    ...exchange('state input gradients', HALF * projected),
    ...columnBackward('state input', [input], HALF * elements),
    elementwise('state norm bwd', elements, 'tokensNorm', 3, 1),
  ];
}

/**
 * Bytes that a layer has of a sequence in inference, in the mean of all layers: states in single precision (mamba_ssm_cache_dtype of Nemotron
 * 3's configurations), and what the convolution looks back at.
 */
export function meanStateBytes(m: ModelPhase): number {
  if (m.phase === 'training' || m.stateHeads === 0) return 0;
  const { inner, group } = stateWidths(m);
  const lookedBack = (m.stateConvolution - 1) * (inner + 2 * group);
  return stateSpaceShare(m) * (SINGLE * inner * m.stateDim + HALF * lookedBack);
}

const stateSpaceShare = (m: ModelPhase): number => shareOf(m, ({ mixer }) => mixer === 'stateSpace');

export function stateSpaceBlock(m: ModelPhase): Operation[] {
  return m.stateHeads === 0 ? [] : shared(stateSpaceShare(m), forwardRows(m));
}

export function stateSpaceBackward(m: ModelPhase): Operation[] {
  return m.stateHeads === 0 ? [] : shared(stateSpaceShare(m), backwardRows(m));
}
