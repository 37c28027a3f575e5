import { expect, it } from 'vitest';
import { GroupNetworks } from './collectiveTime.js';

it('a reduce-scatter of H100 takes as long as its gather, however slow the kernels of a framework are', () => {
  const group = { machine: 'h100-sxm', inner: 8, outer: 1, set: ['compute.memoryEfficiency=0.2'] };
  const networks = new GroupNetworks();
  const gather = networks.collectiveUs(group, 'allGather', 2 ** 30);
  expect(networks.collectiveUs(group, 'reduceScatter', 2 ** 30)).toBeCloseTo(gather, 6);
});
