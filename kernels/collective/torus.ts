/**
 * A phase on a torus, which has one algorithm (`algorithmOf`): what XLA does on slices of TPUs, as "How to Scale Your Model" (Austin et al.,
 * Google DeepMind, 2025) has it. A gather goes along all axes of the group at once and both ways round each, so that all links of these
 * axes carry it, and a message has half a ring of hops on each. An all-to-all is bound by the longest axis, each of whose links carries a
 * part of all the data.
 *
 * - A slice of n chips is as near to a square or a cube as halves allow: of 128 chips 8 x 16, or 4 x 4 x 8.
 * - Groups that interleave lie along other axes, as JAX lays a mesh over a slice: none shares the links of another.
 * - Only large slices have axes that end where they begin: of two axes the whole pod of 16 x 16 (TPU v5e, v6e), of three any number of
 *   cubes of 4 x 4 x 4, which optical switches join (arXiv 2304.01433). Others are a mesh: one way along an axis, and all its hops.
 */
import { ceilLog2 } from '../bits.js';
import { endpointUs, TOPOLOGY, torusAxes } from '../network/network.js';
import type { State } from '../state.js';

/** Chips of the least slice whose axes end where they begin, of two axes and of three. */
export const TORUS_SQUARE = 256;
export const TORUS_CUBE = 64;

/** Axes along which n NPUs (2 or more) of a span lie: as large a share of its axes as of its doublings, rounded. */
function groupAxes(axes: number, n: number, span: number): number {
  const levels = ceilLog2(n);
  const all = ceilLog2(span);
  return Math.min(Math.max(Math.floor((2 * axes * levels + all) / (2 * all)), 1), levels);
}

/** Sets alpha (us) and links of a scatter or gather, or an all-to-all, among n NPUs over a span of dimension d. */
export function torusPhase(s: State, exchange: boolean, d: number, n: number, span: number): void {
  const axes = groupAxes(torusAxes(s.topology[d]!), n, span);
  const least = s.topology[d] === TOPOLOGY.torus3D ? TORUS_CUBE : TORUS_SQUARE;
  const wrapped = span % least === 0;
  // n is 2^(whole · axes + more) · part: `more` axes are twice as long as the others, of which one is so by a part.
  const doublings = ceilLog2(n + 1) - 1;
  const part = n / 2 ** doublings;
  const whole = Math.floor(doublings / axes);
  const more = doublings - whole * axes;
  const side = 2 ** whole;
  const longest = side * (more > 0 ? 2 : part);
  const sides = side * (axes + more + (part - 1));
  const hops = wrapped ? sides / 2 : sides - axes;
  s.phaseAlphaUs = hops * s.hopUs[d]! + axes * endpointUs(s);
  // As `crossing` of a ring of the longest axis, which all data pass.
  const exchanged = Math.floor((longest * longest) / 4) / longest;
  s.phaseLinks = (exchange ? exchanged : (n - 1) / n / axes) / (wrapped ? 2 : 1);
}
