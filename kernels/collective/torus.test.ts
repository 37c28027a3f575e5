import { describe, expect, test } from 'vitest';
import { networkState, tpCollectiveUs } from '../../test/collectiveState.js';
import { TOPOLOGY } from '../network/network.js';
import { COLLECTIVE, GROUP } from '../workload/operation.js';
import { ALGORITHM, algorithmOf, phase } from './phase.js';

const LINK_GBPS = 100;
const HOP_US = 1;
const MB_PER_US = LINK_GBPS / 1000;

function slice(topology: number, npus: number, tp = npus, algorithm: number = ALGORITHM.halvingDoubling) {
  return networkState([{ topology, npus, linkGBps: LINK_GBPS, latencyNs: 1000 * HOP_US, algorithm }], tp);
}

/** Latency (us) and time per MB of a gather among the innermost NPUs of a slice. */
function gather(topology: number, npus: number, tp = npus, kind: number = COLLECTIVE.allGather) {
  const s = slice(topology, npus, tp);
  phase(s, kind, algorithmOf(s, kind, 0), 0, tp, s.groupSpan[GROUP.tp * 4]!);
  return { alphaUs: s.phaseAlphaUs, usPerMB: s.phaseLinks * s.linkUsPerMB[0]! };
}

describe('a gather on a torus, by "How to Scale Your Model"', () => {
  test.each([
    // Half of each side, as data go both ways round it.
    ['a pod of 16 x 16', TOPOLOGY.torus2D, 256, 8 + 8, 4],
    ['4 x 4 x 4', TOPOLOGY.torus3D, 64, 2 + 2 + 2, 6],
    ['4 x 4 x 8', TOPOLOGY.torus3D, 128, 2 + 2 + 4, 6],
    ['8 x 8 x 12', TOPOLOGY.torus3D, 768, 4 + 4 + 6, 6],
    // A mesh: all hops from end to end, and one link of each axis into an NPU at its end.
    ['4 x 4 of a pod of 256', TOPOLOGY.torus2D, 16, 3 + 3, 2],
    ['2 x 4', TOPOLOGY.torus2D, 8, 1 + 3, 2],
    ['2 x 2 x 1', TOPOLOGY.torus3D, 4, 1 + 1, 2],
    ['two of a slice', TOPOLOGY.torus3D, 2, 1, 1],
  ])('%s', (_, topology, npus, hops, links) => {
    const { alphaUs, usPerMB } = gather(topology, npus);
    expect(alphaUs).toBeCloseTo(hops * HOP_US, 9);
    expect(usPerMB).toBeCloseTo((npus - 1) / npus / links / MB_PER_US, 9);
  });

  test('groups that interleave have axes of their own', () => {
    // Of 4 x 4 x 4 those of 4 that are next to one another lie on a plane, 16 that lie between them on two axes, both wrapped.
    const s = slice(TOPOLOGY.torus3D, 64, 4);
    phase(s, COLLECTIVE.allGather, ALGORITHM.ring, 0, 16, 64);
    expect(s.phaseAlphaUs).toBeCloseTo(2 + 2, 9);
    expect(s.phaseLinks).toBeCloseTo(15 / 16 / 4, 9);
  });
});

test('an all-to-all of large data takes a quarter of a gather along one axis of a ring, whatever the other axes carry', () => {
  // Along an axis of 16 each link carries an eighth of all that an NPU has: 16 / 4 of the mean way, over 2 links each way.
  const { usPerMB } = gather(TOPOLOGY.torus2D, 256, 256, COLLECTIVE.allToAll);
  expect(usPerMB).toBeCloseTo(16 / 4 / 2 / MB_PER_US, 9);
});

test('128 chips of TPU v5p reduce a kilobyte in 16 hops', () => {
  const s = slice(TOPOLOGY.torus3D, 128, 128, ALGORITHM.doubleBinaryTree);
  expect(tpCollectiveUs(s, COLLECTIVE.allReduce, 1e-3)).toBeCloseTo(16 * HOP_US, 1);
});
