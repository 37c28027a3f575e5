import { describe, expect, test } from 'vitest';
import { compilePsa, digitsToDesign, loadPsa } from '../../psa/index.js';
import { drawBox } from '../../test/randomBoxes.js';
import { randomNumbers } from '../../test/randomSpaces.js';
import { OUTPUT, OUTPUT_COUNT, type OutputName, STATUS } from '../outputs.js';
import { createSimulator } from '../simulate.js';
import { createBounder, ROUNDING } from './bounder.js';

const PAIRS = [
  ['cosmic-1024', 'gpt3-175b'],
  ['cosmic-512', 'mixtral-8x7b'],
  ['cosmic-2048', 'gpt3-175b-qa'],
  ['dgx-h100', 'llama3-70b'],
  ['dgx-a100', 'cosmic-ensemble'],
] as const;

/** Pairs of a box and a member per space: COSMIC_FUZZ_BOXES=100000 for a million in all. */
const TRIALS = Number(process.env.COSMIC_FUZZ_BOXES ?? 4000);

const LEAST_COMPARED = TRIALS / 50;

const BOUNDED: readonly OutputName[] = ['timeUs', 'memoryMB', 'mfu', 'tokensPerSecond', 'bandwidthGBps', 'costUsd'];

describe.each(PAIRS)('boxes of %s and %s', (system, model) => {
  const space = compilePsa(loadPsa('cosmic-extended', { system, model }));
  const simulate = createSimulator(space.workload, space.tiers);
  const outputs = new Float64Array(OUTPUT_COUNT);

  test.each([false, true])('no member is beyond the bounds of its box (priced: %s)', (priced) => {
    const bound = createBounder(space, priced);
    const random = randomNumbers(priced ? 1 : 2);
    const mask = priced ? ~0 : ~STATUS.PRICE;
    const faults: string[] = [];
    let compared = 0;
    // Few random designs of so wide a space are feasible: as many more are drawn as it takes to compare enough.
    for (let trial = 0; trial < TRIALS || (compared <= LEAST_COMPARED && trial < 4 * TRIALS); trial++) {
      const { single, member, box } = drawBox(space, random);
      const status = simulate(digitsToDesign(space, member), outputs, 0);
      const bounds = bound(box, true);
      // What a box is closed for, every member has; and where no member differs, none has anything else.
      if ((bounds.status & ~status) !== 0) faults.push(`box ${trial}: closed for ${bounds.status}, a member ${status}`);
      if (bounds.status !== 0) continue;
      if (!bounds.mixed && (status & mask) !== 0) faults.push(`box ${trial}: unmixed, a member ${status}`);
      if ((status & mask) !== 0) continue;
      compared++;
      const ends = (name: OutputName) => [
        bounds.least[OUTPUT[name]]!,
        outputs[OUTPUT[name]]!,
        bounds.most[OUTPUT[name]]!,
      ];
      for (const name of BOUNDED) {
        if (name === 'costUsd' && (status & STATUS.PRICE) !== 0) continue;
        const [least, value, most] = ends(name);
        const holds = least! <= value! * (1 + 1e-12) && most! >= value! * (1 - 1e-12);
        const isClose = !single || most! - least! <= 4 * ROUNDING * value!;
        if (!holds || !isClose) faults.push(`box ${trial}: ${name} ${value} in ${least} to ${most}`);
      }
      // Time itself without any rounding.
      const [least, timeUs, most] = ends('timeUs');
      if (!(least! <= timeUs! && most! >= timeUs!)) faults.push(`box ${trial}: ${timeUs} in ${least} to ${most}`);
    }
    expect(faults).toEqual([]);
    expect(compared).toBeGreaterThan(LEAST_COMPARED);
  });
});

/** A step whose gradients leave longest over one dimension, while a backlog of its chain keeps another. */
const BACKLOG = [
  ...['dp=16', 'tp=4', 'sp=16', 'pp=1', 'ep=1', 'microBatch=all', 'batch=1024', 'sequenceParallel=on'],
  ...['pipelineSchedule=gpipe', 'virtualStages=1', 'recomputation=none', 'weightSharding=none', 'attention=fused'],
  ...['axisOrder=pp-ep-sp-tp-dp', 'gradientOverlap=on', 'gradientBytes=4', 'shardingOverlap=0.67'],
  ...['pipelineOverlap=off', 'tensorOverlap=off', 'contextExchange=allGather', 'contextBalance=off'],
].map((assignment) => `workload.${assignment}`);
const PER_DIMENSION = {
  'collective.algorithm': ['halvingDoubling', 'direct', 'ring', 'topology'],
  'collective.allReduceAlgorithm': ['direct', 'ring', 'halvingDoubling', 'halvingDoubling'],
  'collective.allGatherAlgorithm': ['ring', 'ring', 'same', 'topology'],
  'collective.reduceScatterAlgorithm': ['ring', 'same', 'halvingDoubling', 'halvingDoubling'],
  'collective.allToAllAlgorithm': ['doubleBinaryTree', 'halvingDoubling', 'same', 'ring'],
  'network.topology': ['Ring', 'FullyConnected', 'Switch', 'FullyConnected'],
  'network.npus': [2, 16, 2, 16],
  'network.bandwidthGBps': [500, 50, 200, 12.5],
  'network.latencyNs': [4000, 100, 1700, 100],
  'network.efficiency': [0.85, 1, 0.7, 1],
  'network.inSwitchEfficiency': [0.7, 0.7, 0.85, 0.7],
};
const REST = [
  ...['collective.schedulingPolicy=LIFO', 'network.endpointDelayNs=1000', 'network.collectiveOverheadUs=0'],
  ...['network.collectiveStartUs=0', 'network.pieceUs=0', 'network.shardingEfficiency=1', 'compute.peakTflops=989'],
  ...['compute.memoryBandwidthGBps=3350', 'compute.memoryCapacityGB=100000', 'compute.gemmEfficiency=0.6'],
  ...['compute.memoryEfficiency=1', 'compute.attentionHalfDim=400', 'compute.fusedAttentionHalfDim=600'],
  ...['compute.hostLaunchUs=0', 'compute.hostMicroBatchUs=0', 'compute.kernelOverheadUs=0'],
];

test('gradients that overlap: ways and chunks that are open together bound all their steps', () => {
  const dimensions = Object.entries(PER_DIMENSION).flatMap(([name, values]) =>
    values.map((value, d) => `${name}[${d}]=${value}`),
  );
  const set = [...BACKLOG, ...dimensions, ...REST];
  const space = compilePsa(loadPsa('cosmic-extended', { system: 'dgx-a100', model: 'llama2-7b', set }));
  const isOpen = ({ name }: { name: string }) => /chunks|multiDimensional/.test(name);
  const open = space.genes.flatMap((gene, g) => (isOpen(gene) ? [g] : []));
  const box = {
    first: new Uint32Array(space.genes.length),
    last: Uint32Array.from(space.genes, (gene) => (isOpen(gene) ? gene.size - 1 : 0)),
  };
  const members = open.reduce<Uint32Array[]>(
    (rows, g) => rows.flatMap((row) => Array.from({ length: space.genes[g]!.size }, (_, digit) => row.with(g, digit))),
    [box.first],
  );
  expect(members.length).toBe(12);
  const simulate = createSimulator(space.workload, space.tiers);
  const outputs = new Float64Array(OUTPUT_COUNT);
  const times = members.map((member) => {
    expect(simulate(digitsToDesign(space, member), outputs, 0) & ~STATUS.PRICE).toBe(0);
    return outputs[OUTPUT.timeUs]!;
  });
  const { least, most } = createBounder(space, false)(box, true);
  expect(least[OUTPUT.timeUs]).toBeLessThanOrEqual(Math.min(...times));
  expect(least[OUTPUT.timeUs]).toBeGreaterThan(0.9 * Math.min(...times));
  expect(most[OUTPUT.timeUs]).toBeGreaterThanOrEqual(Math.max(...times));
});

/**
 * The all-reduce of the loss lengthens the forward pass of the first stage, which hides the gather of updated weights beside it, but is
 * not the stage that takes longest.
 */
const UPDATES = [
  ...['dp=4', 'tp=8', 'sp=8', 'pp=4', 'ep=1', 'etp=1', 'microBatch=2', 'batch=1024', 'sequenceParallel=on'],
  ...[
    'axisOrder=tp-sp-ep-dp-pp',
    'pipelineSchedule=zbV',
    'virtualStages=1',
    'recomputation=full',
    'weightSharding=zero1',
    'gradientOverlap=on',
  ],
  ...['pipelineOverlap=on', 'tensorOverlap=on', 'embeddingLayers=1', 'headLayers=1'],
].map((assignment) => `workload.${assignment}`);

test("schedules that split the backward pass: what a stage hides does not shorten another's step", () => {
  const set = [
    ...UPDATES,
    ...['network.npus[0]=4', 'network.npus[1]=8', 'network.npus[2]=16', 'network.npus[3]=2'],
    ...[
      'compute.memoryCapacityGB=100000',
      'network.shardingEfficiency=1',
      'compute.peakTflops=80',
      'compute.memoryBandwidthGBps=2039',
      'compute.gemmEfficiency=0.6',
    ],
  ];
  const space = compilePsa(loadPsa('cosmic-extended', { system: 'cosmic-1024', model: 'gpt3-175b', set }));
  const open = space.genes.findIndex(({ name }) => name === 'collective.allReduceAlgorithm[0]');
  const box = { first: new Uint32Array(space.genes.length), last: new Uint32Array(space.genes.length) };
  box.last[open] = space.genes[open]!.size - 1;
  const simulate = createSimulator(space.workload, space.tiers);
  const outputs = new Float64Array(OUTPUT_COUNT);
  const times = Array.from({ length: space.genes[open]!.size }, (_, digit) => {
    const status = simulate(digitsToDesign(space, box.first.with(open, digit)), outputs, 0);
    expect(status & ~(STATUS.PRICE | STATUS.ALGORITHM)).toBe(0);
    return (status & STATUS.ALGORITHM) === 0 ? [outputs[OUTPUT.timeUs]!] : [];
  }).flat();
  expect(times.length).toBeGreaterThan(3);
  const { least, most } = createBounder(space, false)(box, true);
  expect(least[OUTPUT.timeUs]).toBeLessThanOrEqual(Math.min(...times));
  expect(most[OUTPUT.timeUs]).toBeGreaterThanOrEqual(Math.max(...times));
});
