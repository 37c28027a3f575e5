/**
 * How far a token's experts lie apart: of so many equal parts of all experts, such as nodes, the expected number of those that have
 * some of its k. Routers spread tokens evenly over experts, or over groups of them of which a token goes to a few (DeepSeek-V3, arXiv
 * 2412.19437, 2.1.2); a gate of benchmarks that needs no router sends them to experts in a row. No twin: the shares of a workload are a
 * table.
 */
import { commonDivisor } from '../../psa/fitting.js';
import type { ModelPhase } from '../../psa/space.js';
import { expertWidth } from './modelSize.js';
import { HALF, SINGLE } from './rows.js';

/** Probability that k different ones of `all` are none of `some`: C(all − some, k) / C(all, k). */
function missed(all: number, some: number, k: number): number {
  let probability = 1;
  for (let i = 0; i < k; i++) probability *= Math.max(all - some - i, 0) / (all - i);
  return probability;
}

/** Probability that of `drawn` among `all`, `marked` of which are marked, j are marked (hypergeometric distribution). */
function drawnMarked(all: number, marked: number, drawn: number, j: number): number {
  // The j first draws are marked and the others not, in any order.
  let probability = 1;
  for (let i = 0; i < j; i++) probability *= ((marked - i) / (all - i)) * ((drawn - i) / (i + 1));
  for (let i = 0; i < drawn - j; i++) probability *= Math.max(all - marked - i, 0) / (all - j - i);
  return probability;
}

type Routing = Pick<
  ModelPhase,
  'experts' | 'expertsPerToken' | 'expertGroups' | 'groupsPerToken' | 'neighbouringExperts'
>;

/** Mean number of parts that k experts in a row have some of, where they begin at each multiple of k, round and round. */
function partsInRow(experts: number, k: number, parts: number): number {
  const inPart = experts / parts;
  // Places in a part at which a row may begin.
  const step = commonDivisor(k, inPart);
  const reached = Array.from({ length: inPart / step }, (_, i) => 1 + Math.floor((i * step + k - 1) / inPart));
  return reached.reduce((sum, n) => sum + Math.min(n, parts), 0) / reached.length;
}

/**
 * Expected number of `parts`, each with as many experts, that have some of a token's experts.
 *
 * @example
 * partsReached({ experts: 256, expertsPerToken: 8, expertGroups: 8, groupsPerToken: 4 }, 8); // 3.65, at most 4
 */
export function partsReached(
  { experts, expertsPerToken, expertGroups, groupsPerToken, neighbouringExperts }: Routing,
  parts: number,
): number {
  if (neighbouringExperts) return partsInRow(experts, expertsPerToken, parts);
  const inGroup = experts / expertGroups;
  const allowed = inGroup * groupsPerToken;
  // Parts that cut through groups may have any expert.
  if (parts % expertGroups !== 0 && expertGroups % parts !== 0) {
    return parts * (1 - missed(experts, experts / parts, expertsPerToken));
  }
  if (parts >= expertGroups) {
    const reached = 1 - missed(allowed, experts / parts, expertsPerToken);
    return ((parts * groupsPerToken) / expertGroups) * reached;
  }
  const groups = expertGroups / parts;
  let missing = 0;
  for (let j = 0; j <= Math.min(groups, groupsPerToken); j++) {
    missing += drawnMarked(expertGroups, groups, groupsPerToken, j) * missed(allowed, j * inGroup, expertsPerToken);
  }
  return parts * (1 - missing);
}

/** What n is a multiple of, up to a size. */
export function divisors(n: number, most = n): number[] {
  return Array.from({ length: Math.min(n, most) }, (_, i) => i + 1).filter((d) => n % d === 0);
}

/**
 * By the number of parts: how many of a token's copies, one for each of its experts, go to different parts. Of several mixtures that
 * whose tokens go furthest counts, for they share what is known of the network.
 */
export function routedShares(phases: readonly Routing[]): ReadonlyMap<number, number> {
  const shares = new Map<number, number>();
  for (const phase of phases) {
    if (phase.experts === 1) continue;
    for (const parts of divisors(phase.experts)) {
      const share = partsReached(phase, parts) / phase.expertsPerToken;
      shares.set(parts, Math.max(shares.get(parts) ?? 0, share));
    }
  }
  return shares;
}

/**
 * What travels with a token's copy for each byte of it, in the mean of all four exchanges of a layer, where a node has all experts: HybridEP
 * sends the weights of all experts of the node in single precision there, and their gradients back, but none behind the experts
 * (deepseek-ai/DeepEP, csrc/hybrid_ep/backend: NUM_OF_EXPERTS_PER_RANK · NUM_OF_RANKS_PER_NODE). Of several mixtures the most.
 */
export function routedWeights(phases: readonly ModelPhase[]): number {
  const mixtures = phases.filter(({ phase, experts }) => phase === 'training' && experts > 1);
  return Math.max(0, ...mixtures.map((m) => (SINGLE * m.experts) / (HALF * expertWidth(m)) / 2));
}
