import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePsa } from '../../../psa/compile.js';
import { loadPsa } from '../../../psa/load.js';
import { designOf } from '../../../psa/ordinals.js';
import { readNetwork } from '../../network/network.js';
import { OUTPUT_COUNT, STATUS } from '../../outputs.js';
import { createState } from '../../state.js';
import { readGraph } from '../../workload/graph.js';
import { SystemReader, stgWorkload } from '../design.js';
import { createSimulator } from '../simulate.js';
import { RowTimes } from './rowTimes.js';

/** Groups of all NPUs, with trees in several dimensions, come to no end in some designs. */
const spaceOf = (set: readonly string[]) =>
  compilePsa(loadPsa('cosmic-full', { profile: 'astra-sim', model: 'vit-large', set }));
const ONE_GROUP = ['workload.dp=1024', 'workload.tp=1', 'workload.sp=1', 'workload.pp=1'];
const SPACES = [spaceOf([]), spaceOf(ONE_GROUP), spaceOf([...ONE_GROUP, 'collective.multiDimensional=localBWAware'])];

const designs = fc
  .nat(SPACES.length - 1)
  .chain((place) => fc.record({ space: fc.constant(SPACES[place]!), at: fc.double({ min: 0, max: 1, noNaN: true }) }))
  .map(({ space, at }) => ({ space, ordinal: BigInt(Math.floor(at * Number(space.count - 1n))) }));

test('why a step does not end is told without the times of its rows as it is with them', () => {
  let stopped = 0;
  fc.assert(
    fc.property(designs, ({ space, ordinal }) => {
      const s = createState(space.workload, space.tiers, 0);
      s.design = designOf(space, ordinal);
      readNetwork(s);
      readGraph(s);
      const workload = stgWorkload(s);
      fc.pre(workload.pp <= workload.layers);
      const system = new SystemReader().read(s);
      const stop = new RowTimes(workload).read(system);
      expect(new RowTimes(workload).stopOf(system)).toEqual(stop);
      stopped += Number(stop !== undefined);
    }),
    { numRuns: 120, seed: 1 },
  );
  expect(stopped).toBeGreaterThan(10);
});

test('a design whose step is not asked for has the status that it has where it is', () => {
  const outputs = new Float64Array(OUTPUT_COUNT);
  const simulators = SPACES.map(({ workload, tiers }) => createSimulator(workload, tiers));
  let found = 0;
  fc.assert(
    fc.property(designs, ({ space, ordinal }) => {
      const simulate = simulators[SPACES.indexOf(space)]!;
      const design = designOf(space, ordinal);
      const status = simulate(design, outputs, 0, 0);
      const skipped = simulate(design, outputs, 0, 0, STATUS.HEADS | STATUS.LAYERS | STATUS.SEQUENCE);
      expect(skipped).toBe(status);
      found += Number(status !== 0);
    }),
    { numRuns: 300, seed: 2 },
  );
  expect(found).toBeGreaterThan(30);
});
