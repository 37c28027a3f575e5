/**
 * Rows of the scan of Mamba-2 (arXiv 2405.21060) by chunks, in the kernels and number formats of mamba_ssm (ssd_combined.py). What a
 * sequence has in states and scores is kept nowhere: the backward pass makes it again.
 */
import type { ModelPhase } from '../../psa/space.js';
import { stateWidths } from './modelSize.js';
import type { Operation } from './operation.js';
import { attentionProduct, elementwise, HALF, SINGLE } from './rows.js';

interface Sizes {
  /** Values of a sequence: of all channels, of what is written or read, of states at the ends of chunks, of scores within chunks. */
  readonly channels: number;
  readonly group: number;
  readonly states: number;
  readonly scores: number;
  /** FLOPs of a product of channels and states, of scores and channels (half of them masked), of what is read and written. */
  readonly stateFlops: number;
  readonly outputFlops: number;
  readonly scoreFlops: number;
}

function sizesOf(m: ModelPhase): Sizes {
  const { inner, group } = stateWidths(m);
  const channels = m.seq * inner;
  const chunk = Math.min(m.stateChunk, m.seq);
  return {
    channels,
    group: m.seq * group,
    states: Math.ceil(m.seq / chunk) * inner * m.stateDim,
    scores: m.seq * chunk * m.stateGroups,
    stateFlops: 2 * channels * m.stateDim,
    outputFlops: channels * chunk,
    scoreFlops: 2 * m.seq * chunk * group,
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

/** States that chunks add by themselves, the states that they begin with, and scores within them: what the backward pass makes again. */
export function mambaStates(m: ModelPhase): Operation[] {
  const { channels, group, states, scores, stateFlops, scoreFlops } = sizesOf(m);
  return [
    scanProduct('states', '', stateFlops, HALF * (channels + group), SINGLE * states),
    elementwise('pass on states', states, 'tokensTp', SINGLE / HALF, 1),
    scanProduct('scores', '', scoreFlops, 2 * HALF * group, SINGLE * scores),
  ];
}

export function mambaScan(m: ModelPhase): Operation[] {
  const { channels, group, states, scores, stateFlops, outputFlops } = sizesOf(m);
  const read = HALF * (channels + group + states) + SINGLE * scores;
  return [...mambaStates(m), scanProduct('outputs', '', stateFlops + outputFlops, read, HALF * channels)];
}

/** Gradients of each product's two factors; those of states and scores are passed in single precision, and back in half. */
export function mambaScanBackward(m: ModelPhase): Operation[] {
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
