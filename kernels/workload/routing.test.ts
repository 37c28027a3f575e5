import { describe, expect, test } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/index.js';
import { loadModel } from '../../psa/model.js';
import type { ModelPhase } from '../../psa/space.js';
import { collectiveUs, openChannels } from '../collective/collective.js';
import { simulateGraph } from '../simulate.js';
import { createState } from '../state.js';
import { CHANNEL_GROUPS, COLLECTIVE, GROUP } from './operation.js';
import { partsReached, routedShares, routedWeights } from './routing.js';

/** All ways to take k of some things. */
function choices<T>(things: readonly T[], k: number): T[][] {
  if (k === 0) return [[]];
  return things.flatMap((thing, i) => choices(things.slice(i + 1), k - 1).map((others) => [thing, ...others]));
}

const ANYWHERE = { expertGroups: 1, groupsPerToken: 1, neighbouringExperts: false };

/** The mean number of parts with some of a token's experts, counted out over all groups and all experts in them. */
function counted(experts: number, k: number, groups: number, perToken: number, parts: number): number {
  const inGroup = experts / groups;
  const ways = choices([...Array(groups).keys()], perToken).flatMap((some) =>
    choices(
      some.flatMap((group) => Array.from({ length: inGroup }, (_, i) => group * inGroup + i)),
      k,
    ),
  );
  const reached = ways.map((some) => new Set(some.map((expert) => Math.floor((expert * parts) / experts))).size);
  return reached.reduce((sum, n) => sum + n, 0) / ways.length;
}

describe('parts that have some of a token’s experts', () => {
  test.each([
    [12, 3, 1, 1],
    [12, 3, 4, 2],
    [12, 4, 6, 3],
    [16, 3, 4, 3],
    [16, 2, 8, 2],
  ])('of %i experts %i, in %i groups of which a token goes to %i', (experts, k, groups, perToken) => {
    const routing = { ...ANYWHERE, experts, expertsPerToken: k, expertGroups: groups, groupsPerToken: perToken };
    const fitting = [1, 2, 3, 4, 6, 8, 12, 16].filter(
      (parts) => experts % parts === 0 && (parts % groups === 0 || groups % parts === 0),
    );
    for (const parts of fitting) {
      expect(partsReached(routing, parts), `${parts}`).toBeCloseTo(counted(experts, k, groups, perToken, parts), 9);
    }
  });

  test.each([
    [128, 6],
    [512, 22],
    [256, 8],
    [12, 5],
  ])('of %i experts %i in a row', (experts, k) => {
    const routing = { ...ANYWHERE, experts, expertsPerToken: k, neighbouringExperts: true };
    for (const parts of [1, 2, 4]) {
      const reached = Array.from({ length: experts }, (_, token) => {
        const own = Array.from({ length: k }, (__, i) => (token * k + i) % experts);
        return new Set(own.map((expert) => Math.floor((expert * parts) / experts))).size;
      });
      const mean = reached.reduce((sum, n) => sum + n, 0) / experts;
      expect(partsReached(routing, parts), `${parts}`).toBeCloseTo(mean, 9);
    }
  });

  test('experts in a row that fill groups are those of one group', () => {
    const row = { ...ANYWHERE, experts: 256, expertsPerToken: 8 };
    const group = { ...row, expertGroups: 32, groupsPerToken: 1 };
    expect(routedShares([{ ...row, neighbouringExperts: true }])).toEqual(routedShares([group]));
  });

  test('shares are of each divisor of the experts, at most 1, and more of more parts', () => {
    const routing = { ...ANYWHERE, experts: 256, expertsPerToken: 8, expertGroups: 8, groupsPerToken: 4 };
    const shares = [...routedShares([routing])];
    expect(shares.map(([parts]) => parts)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
    expect(shares[0]![1]).toBeCloseTo(1 / 8, 12);
    expect(shares.at(-1)![1]).toBeCloseTo(1, 12);
    for (let i = 1; i < shares.length; i++) expect(shares[i]![1]).toBeGreaterThan(shares[i - 1]![1]);
    expect(partsReached(routing, 8)).toBeLessThan(4);
  });
});

/**
 * Combine of DeepEP's normal kernels, 24 SMs (20 on one node), bf16, hidden 7168, 8 of 256 experts, groups limited to 4 nodes:
 * ai-dynamo/aiconfigurator 095f58a5, sglang 0.5.6.post2, H100. Nodes, tokens of an NPU, us. Twice as many tokens on 8 nodes took four
 * times as long, which is left out.
 */
const COMBINED: readonly [nodes: number, tokens: number, us: number][] = [
  [1, 4096, 972.5],
  [1, 16384, 3513],
  [2, 4096, 1777],
  [2, 16384, 6407],
  [4, 4096, 3522],
  [4, 16384, 13520],
  [8, 4096, 4475],
  [8, 8192, 8742],
];

/** Time of an exchange of a rank's tokens on nodes of H100, us. */
function exchangeUs(nodes: number, tokens: number, dispatch: string, ...set: readonly string[]): number {
  const npus = 8 * nodes;
  const limited = nodes > 4 ? ['model.expertGroups=8', 'model.groupsPerToken=4'] : ['model.expertGroups=1'];
  const space = compileDesign(
    loadDefault('h100-sxm', 'deepseek-v3', [
      ...[`system.npus=${npus}`, `workload.ep=${npus}`, `workload.dp=${npus}`, `workload.expertDispatch=${dispatch}`],
      ...[...limited, ...(nodes > 4 ? [] : ['model.groupsPerToken=1']), ...set],
    ]),
  );
  const s = createState(space.workload, space.tiers);
  simulateGraph(s, space.fixed);
  const channel = COLLECTIVE.allToAll * CHANNEL_GROUPS + GROUP.ep;
  openChannels(s, 1 << channel, -1, -1);
  return collectiveUs(s, channel, (tokens * 8 * 7168 * 2) / 1e6);
}

test.each(COMBINED)('on %i nodes %i tokens are combined as fast as DeepEP measured, %d us', (nodes, tokens, us) => {
  const error = exchangeUs(nodes, tokens, 'byNode') / us - 1;
  expect(Math.abs(error)).toBeLessThan(0.12);
});

test('copies for each expert take three times as long between nodes', () => {
  expect(exchangeUs(8, 4096, 'allToAll')).toBeGreaterThan(2 * exchangeUs(8, 4096, 'byNode'));
});

test('weights of all experts of a node travel with tokens and their gradients: with latents of 2 KB as much again, half of the ways', () => {
  const [latent] = loadModel('nemotron3-super-120b-a12b').phases as [ModelPhase];
  const [wide] = loadModel('deepseek-v3').phases as [ModelPhase];
  expect(routedWeights([latent])).toBe((512 * 4) / (1024 * 2) / 2);
  expect(routedWeights([wide, latent])).toBe(routedWeights([latent]));
  expect(routedWeights([{ ...latent, phase: 'prefill' }])).toBe(0);
});

test.each([
  'byNode',
  'allToAll',
])('exchanges %s reach a share of their rate in steps, and start as they do', (dispatch) => {
  const at = (efficiency: number, tokens: number) =>
    exchangeUs(8, tokens, dispatch, `network.exchangeEfficiency=${efficiency}`, 'network.pieceUs=0');
  const carriedUs = (efficiency: number) => at(efficiency, 8192) - at(efficiency, 4096);
  expect(carriedUs(0.5)).toBeCloseTo(2 * carriedUs(1), 6);
  expect(at(0.5, 1) / at(1, 1)).toBeLessThan(1.1);
});
