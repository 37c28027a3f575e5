import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CODE,
  type CompiledSpace,
  compileDesign,
  compilePsa,
  digitsToDesign,
  loadDefault,
  loadPsa,
  type ParameterName,
  SLOT,
  slotOf,
} from '../psa/index.js';
import { explain } from './explain.js';
import { OUTPUT, OUTPUT_COUNT, OUTPUTS, type OutputName, STATUS } from './outputs.js';
import { timeline } from './schedule/timeline.js';
import { createSimulator } from './simulate.js';

/** A space's simulator is made once: the fuzz below has tens of thousands of designs of a few spaces. */
const simulators = new WeakMap<CompiledSpace, ReturnType<typeof createSimulator>>();

function simulatorOf(space: CompiledSpace): ReturnType<typeof createSimulator> {
  const simulator = simulators.get(space) ?? createSimulator(space.workload, space.tiers);
  simulators.set(space, simulator);
  return simulator;
}

function simulateDesign(space: CompiledSpace, design: Float64Array) {
  const row = new Float64Array(OUTPUT_COUNT);
  const status = simulatorOf(space)(design, row, 0);
  const outputs = Object.fromEntries(OUTPUTS.map(({ name }, i) => [name, row[i]!])) as Record<OutputName, number>;
  return { status, outputs };
}

function changed(design: Float64Array, changes: Partial<Record<ParameterName, number>>): Float64Array {
  const copy = Float64Array.from(design);
  for (const [name, value] of Object.entries(changes)) copy[slotOf(name as ParameterName)] = value;
  return copy;
}

function defaultSpace(system: string, model: string, set: string[] = []): CompiledSpace {
  return compileDesign(loadDefault(system, model, set));
}

/** Spaces in which every parameter varies, over all kinds of models. */
const openSpaces = [
  ['cosmic-1024', 'gpt3-175b'],
  ['cosmic-512', 'mixtral-8x7b'],
  ['cosmic-2048', 'gpt3-175b-qa'],
  ['dgx-h100', 'llama3-70b'],
  ['dgx-a100', 'cosmic-ensemble'],
  ['dgx-h100', 'deepseek-v3'],
  ['dgx-a100', 'gemma3-27b'],
  ['cosmic-512', 'gpt-j-6b'],
].map(([system, model]) => compilePsa(loadPsa('cosmic-extended', { system: system!, model: model! })));

/** A random design: the place of its space, and a fraction for each gene. */
const anyDesign = fc.record({
  which: fc.nat(openSpaces.length - 1),
  fractions: fc.array(fc.nat(2 ** 30 - 1), { minLength: 200, maxLength: 200 }),
});

function draw({ which, fractions }: { which: number; fractions: number[] }) {
  const space = openSpaces[which]!;
  expect(fractions.length).toBeGreaterThanOrEqual(space.genes.length);
  const digits = space.genes.map((gene, g) => Math.floor((fractions[g]! / 2 ** 30) * gene.size));
  return { space, design: digitsToDesign(space, digits) };
}

/**
 * Another schedule where the backward pass is split: there gradients of weights fill bubbles, and where collectives bound the
 * pass, faster ones fill less of them (docs/model.md). All that is not compute holds for these schedules, too.
 */
function unsplit(design: Float64Array): void {
  const { '1f1b': plain, gpipe, interleaved } = CODE.workload.pipelineSchedule;
  const slot = slotOf('workload.pipelineSchedule');
  if (![plain, gpipe, interleaved].includes(design[slot]!)) design[slot] = plain;
}

const RUNS = { numRuns: 1000, seed: 1 };

describe('for any design', () => {
  test('every output is a finite number, none is negative, and the parts sum up', () => {
    fc.assert(
      fc.property(anyDesign, (drawn) => {
        const { space, design } = draw(drawn);
        const { outputs } = simulateDesign(space, design);
        for (const value of Object.values(outputs)) {
          expect(Number.isFinite(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(-1e-9 * outputs.timeUs);
        }
        for (const whole of ['timeUs', 'memoryMB'] as const) {
          const parts = OUTPUTS.filter(({ partOf }) => partOf === whole).map(({ name }) => outputs[name]);
          expect(parts.reduce((sum, part) => sum + part, 0) / outputs[whole]).toBeCloseTo(1, 9);
        }
      }),
      RUNS,
    );
  });

  const improvements: [string, ParameterName, number, number][] = [
    ['more bandwidth', 'network.bandwidthGBps', 1.7, 4],
    ['less latency', 'network.latencyNs', 0.3, 4],
    ['less endpoint delay', 'network.endpointDelayNs', 0.5, 1],
    ['faster starts of any collective', 'network.collectiveStartUs', 0.5, 1],
    ['more of a reduction beside its collective', 'network.reductionShare', 0.5, 1],
    ['cheaper pieces', 'network.pieceUs', 0.5, 1],
    ['better reduction in switches', 'network.inSwitchEfficiency', 1.25, 4],
    ['better exchanges', 'network.exchangeEfficiency', 1.25, 1],
    ['better trees', 'network.treeEfficiency', 1.25, 1],
    ['faster posts of messages', 'network.messageUs', 0.5, 1],
    ['more peak', 'compute.peakTflops', 1.9, 1],
    ['more memory bandwidth', 'compute.memoryBandwidthGBps', 1.6, 1],
    ['less kernel overhead', 'compute.kernelOverheadUs', 0.5, 1],
    ['a faster link to the host', 'compute.hostLinkGBps', 1.7, 1],
    ['faster memory of the host', 'compute.hostMemoryGBps', 1.7, 1],
    ['faster launches', 'compute.hostLaunchUs', 0.5, 1],
    ['better kernels of the loss', 'compute.lossEfficiency', 1.25, 1],
    ['better element-wise kernels', 'compute.elementwiseShare', 1.25, 1],
    ['better products of experts', 'compute.expertEfficiency', 1.25, 1],
    ['faster launches of experts', 'compute.hostExpertUs', 0.5, 1],
    ['faster gathers of experts one by one', 'compute.hostShardUs', 0.5, 1],
    ['faster starts of collectives', 'network.collectiveOverheadUs', 0.5, 1],
    ['better gathers', 'network.shardingEfficiency', 2, 1],
    ['more peak in eight bits', 'compute.eightBitPeakTflops', 1.4, 1],
    ['more peak in four bits', 'compute.fourBitPeakTflops', 1.3, 1],
    ['shorter half depths', 'compute.gemmHalfDepth', 0.4, 1],
    ['faster depth', 'compute.gemmDepthNs', 0.6, 1],
    ['faster quantisation', 'compute.eightBitQuantizationUs', 0.3, 1],
    ['shorter half depths of attention', 'compute.attentionHalfDepth', 0.5, 1],
    ['a higher clock', 'compute.sustainedClock', 1.1, 1],
  ];
  test.each(improvements)('%s never slows it', (_, name, factor, slots) => {
    fc.assert(
      fc.property(anyDesign, fc.nat(slots - 1), (drawn, d) => {
        const { space, design } = draw(drawn);
        if (name.startsWith('compute.')) unsplit(design);
        const better = Float64Array.from(design);
        better[slotOf(name) + d]! *= factor;
        const before = simulateDesign(space, design).outputs.timeUs;
        // Rounding of the sums alone.
        expect(simulateDesign(space, better).outputs.timeUs).toBeLessThanOrEqual(before * (1 + 1e-12));
      }),
      RUNS,
    );
  });
});

describe('communication', () => {
  test('one NPU communicates nothing', () => {
    const space = defaultSpace('dgx-h100', 'llama3-70b', [
      'system.npus=1',
      'network.npus[0]=1',
      ...['tp', 'dp', 'pp', 'sp'].map((axis) => `workload.${axis}=1`),
    ]);
    const { outputs } = simulateDesign(space, space.fixed);
    for (const name of [
      'exposedTpUs',
      'exposedSpUs',
      'exposedEpUs',
      'exposedDpUs',
      'exposedPpUs',
      'bubbleUs',
    ] as const) {
      expect(outputs[name]).toBe(0);
    }
    expect(outputs.timeUs).toBeGreaterThan(0);
  });

  test('LIFO lets the chain overtake gradients that share its dimension, FIFO makes it wait', () => {
    // tp and dp share the one dimension.
    const space = defaultSpace('dgx-a100', 'gpt3-13b', [
      'system.npus=16',
      'network.npus[0]=16',
      'workload.tp=4',
      'workload.pp=1',
      'workload.batch=16',
      'workload.gradientOverlap=on',
    ]);
    const time = (policy: number) =>
      simulateDesign(space, changed(space.fixed, { 'collective.schedulingPolicy': policy })).outputs.timeUs;
    expect(time(0)).toBeLessThan(time(1));
  });
});

describe('scaling', () => {
  test('doubling the layers doubles the part that layers make', () => {
    const time = (layers: number) => {
      const space = defaultSpace('cosmic-1024', 'gpt3-175b', [`model.layers=${layers}`]);
      return simulateDesign(space, space.fixed).outputs;
    };
    const [one, two, four] = [time(24), time(48), time(96)];
    for (const name of ['timeUs', 'computeUs', 'exposedTpUs'] as const) {
      expect((four[name] - two[name]) / (two[name] - one[name])).toBeCloseTo(2, 6);
    }
  });

  test('sizes survive beyond 2^32 bytes and 2^32 nanoseconds', () => {
    const space = defaultSpace('cosmic-1024', 'gpt3-175b');
    const { outputs } = simulateDesign(space, space.fixed);
    expect(outputs.memoryMB * 1e6).toBeGreaterThan(2 ** 32);
    expect(outputs.timeUs * 1e3).toBeGreaterThan(2 ** 32);
    const doubled = simulateDesign(space, changed(space.fixed, { 'workload.batch': 4096 })).outputs;
    expect(doubled.computeUs / outputs.computeUs).toBeGreaterThan(1.9);
  });

  test('micro-batches shrink the bubble to (p − 1)/m of the work (arXiv 2104.04473, 2.2.1)', () => {
    const space = defaultSpace('cosmic-1024', 'gpt3-175b', ['model.vocab=1']);
    const { outputs } = simulateDesign(space, changed(space.fixed, { 'workload.microBatch': 16 }));
    const work = outputs.timeUs - outputs.bubbleUs - outputs.optimizerUs - outputs.exposedDpUs - outputs.exposedPpUs;
    expect(outputs.bubbleUs / work).toBeCloseTo(3 / 16, 3);
  });

  test('interleaving over v chunks divides the bubble by v', () => {
    const set = ['workload.microBatch=16', 'model.vocab=1', 'workload.pipelineSchedule=interleaved'];
    const bubble = (v: number) => {
      const space = defaultSpace('cosmic-1024', 'gpt3-175b', [...set, `workload.virtualStages=${v}`]);
      return simulateDesign(space, space.fixed).outputs.bubbleUs;
    };
    expect(bubble(1) / bubble(4)).toBeCloseTo(4, 6);
  });
});

describe('statuses', () => {
  const space = defaultSpace('cosmic-1024', 'gpt3-175b');
  const cases: [keyof typeof STATUS, Partial<Record<ParameterName, number>>][] = [
    ['MEMORY', { 'compute.memoryCapacityGB': 1 }],
    ['MEMORY', { 'compute.reserveGB': 23 }],
    ['NPUS', { 'workload.dp': 4 }],
    ['MAPPING', { 'workload.dp': 24 }],
    ['HEADS', { 'workload.tp': 64, 'workload.dp': 1, 'workload.sp': 4 }],
    ['LAYERS', { 'workload.pp': 128, 'workload.dp': 1, 'workload.sp': 2 }],
    ['BATCH', { 'workload.microBatch': 3 }],
    ['SEQUENCE', { 'workload.sp': 24 }],
    ['EXPERTS', { 'workload.ep': 2 }],
    ['SCHEDULE', { 'workload.virtualStages': 2 }],
    ['ALGORITHM', { 'network.npus': 6, 'workload.dp': 6 }],
    ['PRICE', { 'network.topology': 1 }],
  ];
  test.each(cases)('%s', (name, changes) => {
    expect(simulateDesign(space, space.fixed).status).toBe(0);
    const design = changed(space.fixed, changes);
    if (name === 'ALGORITHM') design[SLOT.collective.algorithm] = 2;
    expect(simulateDesign(space, design).status & STATUS[name]).toBe(STATUS[name]);
  });
});

describe('explanation and timeline', () => {
  test('the operations of a layer add up to its time, and the last slice ends with the step', () => {
    fc.assert(
      fc.property(anyDesign, (drawn) => {
        const { space, design } = draw(drawn);
        const { status, outputs } = simulateDesign(space, design);
        fc.pre((status & ~STATUS.MEMORY & ~STATUS.PRICE) === 0);
        const graphs = explain(space.workload, space.tiers, design);
        const total = graphs.reduce((sum, graph) => sum + graph.weight * graph.parts[OUTPUT.timeUs]!, 0);
        expect(total / outputs.timeUs).toBeCloseTo(1, 9);
        for (const graph of graphs) {
          const { slices } = timeline(graph, 0);
          const endUs = slices.reduce((latest, { startUs, durationUs }) => Math.max(latest, startUs + durationUs), 0);
          expect(endUs / graph.parts[OUTPUT.timeUs]!).toBeCloseTo(1, 6);
          const earliest = slices.reduce((least, slice) => Math.min(least, slice.startUs, slice.durationUs), 0);
          expect(earliest).toBe(0);
        }
      }),
      { numRuns: 60, seed: 2 },
    );
  });
});
