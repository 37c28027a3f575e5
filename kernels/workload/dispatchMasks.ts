/**
 * Experts with a capacity have places, s·r of them for each sequence times the capacity, and a mask says of each token and place
 * whether it goes there: tokens get to their places and back by products with it (GShard, arXiv 2006.16668, algorithm 1; MaxText,
 * layers/moe.py, generate_masks). Their work grows with the square of the sequence, and no smaller with more experts.
 */
import type { ModelPhase } from '../../psa/space.js';
import { expertWidth } from './modelSize.js';
import type { Operation, Term } from './operation.js';
import { elementwise, gemm, HALF, under } from './rows.js';

/** Of one sequence: the masks, its tokens, and what lies in the places. */
interface Masked {
  readonly mask: Term;
  readonly tokens: Term;
  readonly places: Term;
  readonly flops: Term;
}

function maskedOf(m: ModelPhase): Masked {
  const places = m.seq * m.expertsPerToken;
  const width = expertWidth(m);
  return {
    mask: [HALF * m.seq * places, 'tokensRouted'],
    tokens: [HALF * m.seq * width, 'tokensSeq'],
    places: [HALF * places * width, 'tokensRouted'],
    flops: [2 * m.seq * places * width, 'tokensRouted'],
  };
}

const byMasks = (rows: readonly Operation[]): Operation[] => under({ dispatchMasks: true }, rows);

/** Masks of where tokens go and of the weights that they come back with are made, and kept; tokens go to their places. */
export function dispatchByMasks(m: ModelPhase): Operation[] {
  const { mask, tokens, places, flops } = maskedOf(m);
  const saved: Term = [2 * mask[0], mask[1]];
  return byMasks([
    elementwise('make masks', m.seq * m.seq * m.expertsPerToken, 'tokensRouted', 0, 2, { saved }),
    gemm('dispatch by masks', { flops, input: mask, weight: tokens, output: places }),
  ]);
}

/** What experts return is weighted and summed, and kept for the gradient of the weights. */
export function combineByMasks(m: ModelPhase): Operation[] {
  const { mask, tokens, places, flops } = maskedOf(m);
  return byMasks([gemm('combine by masks', { flops, input: mask, weight: places, output: tokens, saved: places })]);
}

export function combineByMasksBackward(m: ModelPhase): Operation[] {
  const { mask, tokens, places, flops } = maskedOf(m);
  return byMasks([
    gemm('combine by masks dX', { flops, input: mask, weight: tokens, output: places }),
    gemm('combine by masks dW', { flops, input: places, weight: tokens, output: mask }),
  ]);
}

/** The mask of where tokens go has no gradient. */
export function dispatchByMasksBackward(m: ModelPhase): Operation[] {
  const { mask, tokens, places, flops } = maskedOf(m);
  return byMasks([gemm('dispatch by masks dX', { flops, input: mask, weight: places, output: tokens })]);
}
