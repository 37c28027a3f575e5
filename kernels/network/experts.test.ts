import { describe, expect, test } from 'vitest';
import { CODE, compileDesign, loadDefault, type ParameterName, SLOT, slotOf } from '../../psa/index.js';
import { OUTPUT, STATUS } from '../outputs.js';
import { simulateGraph } from '../simulate.js';
import { createState, type State } from '../state.js';
import { GROUP, type Group, SCALE } from '../workload/operation.js';
import { SECTION } from '../workload/transformer.js';

const NODE = 8;
const space = compileDesign(loadDefault('dgx-h100', 'mixtral-8x7b', ['system.npus=64', `network.npus[0]=${NODE}`]));

interface Degrees {
  tp: number;
  sp: number;
  dp: number;
  pp: number;
  ep: number;
  etp: number;
}

function stateOf(degrees: Degrees, more: Partial<Record<ParameterName, number>> = {}): State {
  const { workload, tiers } = space;
  const design = Float64Array.from(space.fixed);
  for (const [axis, value] of Object.entries(degrees)) design[slotOf(`workload.${axis}`)] = value;
  design[SLOT.workload.sequenceParallel] = 1;
  design[SLOT.workload.virtualStages] = 1;
  design[SLOT.workload.pipelineSchedule] = CODE.workload.pipelineSchedule['1f1b'];
  design[SLOT.workload.microBatch] = 1;
  for (const [name, value] of Object.entries(more)) design[slotOf(name)] = value;
  const s = createState(workload, tiers);
  simulateGraph(s, design);
  return s;
}

/** Ranks that share all coordinates but one, counted out: the first such group, with the axes from the innermost outwards. */
function groupOf(axes: readonly (readonly [name: string, size: number])[], name: string): number[] {
  const ranks: number[] = [];
  const size = axes.reduce((product, [, n]) => product * n, 1);
  for (let rank = 0; rank < size; rank++) {
    let rest = rank;
    const others = axes.map(([axis, n]) => {
      const at = rest % n;
      rest = Math.floor(rest / n);
      return axis === name ? 0 : at;
    });
    if (others.every((at) => at === 0)) ranks.push(rank);
  }
  return ranks;
}

test('the host takes its time for each expert of a rank in both products, unless experts have a capacity', () => {
  const degrees = { tp: 1, sp: 1, dp: 64, pp: 1, ep: 2, etp: 0 };
  const launchUs = (more: Partial<Record<ParameterName, number>>) =>
    stateOf(degrees, more).sectionLaunchUs[SECTION.layerForward]!;
  const hostExpertUs = { 'compute.hostExpertUs': 100 } as const;
  expect(launchUs(hostExpertUs) - launchUs({})).toBeCloseTo(2 * 4 * 100, 6);
  expect(launchUs({ ...hostExpertUs, 'workload.expertCapacity': 1 })).toBeCloseTo(launchUs({}), 6);
  // Weights of experts lie on 32 ranks, and come one by one where they are sharded.
  const hostShardUs = {
    'compute.hostShardUs': 8,
    'workload.weightSharding': CODE.workload.weightSharding.zero3,
  } as const;
  expect(launchUs(hostShardUs) - launchUs({ ...hostShardUs, 'compute.hostShardUs': 0 })).toBeCloseTo(2 * 4 * 8 * 32, 6);
  expect(launchUs({ 'compute.hostShardUs': 8 })).toBeCloseTo(launchUs({}), 6);
});

describe('experts that lie apart', () => {
  const cases: Degrees[] = [
    { tp: 4, sp: 1, dp: 8, pp: 2, ep: 8, etp: 1 },
    { tp: 2, sp: 2, dp: 4, pp: 4, ep: 4, etp: 1 },
    { tp: 1, sp: 4, dp: 4, pp: 4, ep: 8, etp: 2 },
    { tp: 2, sp: 1, dp: 4, pp: 8, ep: 2, etp: 4 },
  ];

  test.each(
    cases,
  )('tp $tp, cp $sp, dp $dp, pp $pp, ep $ep, etp $etp: groups of ranks as Megatron-LM counts them', (degrees) => {
    const { tp, sp, dp, pp, ep, etp } = degrees;
    const s = stateOf(degrees);
    expect(s.layoutStatus | (s.planStatus & STATUS.EXPERTS)).toBe(0);
    const replicas = (tp * sp * dp) / (ep * etp);
    const dense = [
      ['tp', tp],
      ['sp', sp],
      ['dp', dp],
      ['pp', pp],
    ] as const;
    const experts = [
      ['etp', etp],
      ['ep', ep],
      ['expertData', replicas],
      ['pp', pp],
    ] as const;
    const groups: [Group, number[]][] = [
      ['tp', groupOf(dense, 'tp')],
      ['etp', groupOf(experts, 'etp')],
      ['ep', groupOf(experts, 'ep')],
      ['expertData', groupOf(experts, 'expertData')],
    ];
    for (const [group, ranks] of groups) {
      expect(s.groupSize[GROUP[group]], group).toBe(ranks.length);
      const nodes = new Set(ranks.map((rank) => Math.floor(rank / NODE))).size;
      expect([s.groupFactor[4 * GROUP[group]], s.groupFactor[4 * GROUP[group] + 1]], group).toEqual([
        ranks.length / nodes,
        nodes,
      ]);
    }
    expect(s.groupSize[GROUP.data]).toBe(sp * dp);
    expect(s.scales[SCALE.weightExpert]).toBe(1 / (ep * etp));
  });

  test('are as those that do not where etp is tp and nothing splits the sequence', () => {
    const degrees = { tp: 4, sp: 1, dp: 8, pp: 2, ep: 4 };
    const [apart, together] = [stateOf({ ...degrees, etp: 4 }), stateOf({ ...degrees, etp: 0 })];
    for (const output of ['timeUs', 'exposedTpUs', 'exposedEpUs', 'memoryMB', 'activationsMB'] as const) {
      expect(apart.parts[OUTPUT[output]]! / together.parts[OUTPUT[output]]!, output).toBeCloseTo(1, 12);
    }
  });

  test('may take more ranks than there are replicas, and exchange nothing over etp = 1', () => {
    const s = stateOf({ tp: 4, sp: 1, dp: 2, pp: 8, ep: 8, etp: 1 });
    expect(s.planStatus & STATUS.EXPERTS).toBe(0);
    expect(stateOf({ tp: 4, sp: 1, dp: 2, pp: 8, ep: 8, etp: 0 }).planStatus & STATUS.EXPERTS).not.toBe(0);
    expect(s.groupSize[GROUP.etp]).toBe(1);
  });

  test('need a stage that is a multiple of them, and stages of the same NPUs', () => {
    expect(stateOf({ tp: 2, sp: 1, dp: 4, pp: 8, ep: 8, etp: 2 }).planStatus & STATUS.EXPERTS).not.toBe(0);
    const order = { 'workload.axisOrder': CODE.workload.axisOrder['tp-pp-sp-ep-dp' as never]! };
    expect(stateOf({ tp: 2, sp: 1, dp: 8, pp: 4, ep: 4, etp: 1 }, order).layoutStatus & STATUS.MAPPING).not.toBe(0);
    expect(stateOf({ tp: 2, sp: 1, dp: 8, pp: 4, ep: 4, etp: 2 }, order).layoutStatus & STATUS.MAPPING).toBe(0);
  });

  test('without sequence parallelism, ranks of tp gather what comes back', () => {
    const degrees = { tp: 4, sp: 1, dp: 8, pp: 2, ep: 8, etp: 1 };
    const off = stateOf(degrees, { 'workload.sequenceParallel': 0 });
    expect(off.scales[SCALE.tokensRouted]).toBe(stateOf(degrees).scales[SCALE.tokensRouted]);
    expect(off.scales[SCALE.tokensRouted]).toBe(1 / 4);
  });
});

describe('the fullest experts', () => {
  const degrees = { tp: 1, sp: 1, dp: 8, pp: 8, ep: 8, etp: 0 };
  const computeUs = (load: number, capacity = 0, spread = 0) => {
    const s = stateOf(degrees, {
      'workload.expertLoad': load,
      'workload.expertCapacity': capacity,
      'workload.expertLoadSpread': spread,
    });
    return s.sectionComputeUs[1]!;
  };

  test('take as much longer as they have more tokens', () => {
    const [one, two, three] = [computeUs(1), computeUs(2), computeUs(3)];
    expect(two).toBeGreaterThan(one);
    expect((three - two) / (two - one)).toBeCloseTo(1, 1);
  });

  test('take what the fullest of random ranks take in the mean', () => {
    // Expected largest of 8 standard normal numbers: H. L. Harter, Biometrika 48 (1961), table 1.
    const fullest = 1 + 0.3 * 1.4236;
    expect(computeUs(1, 0, 0.3) / computeUs(fullest)).toBeCloseTo(1, 2);
    expect(computeUs(2, 0, 0.3) / computeUs(2 * fullest)).toBeCloseTo(1, 2);
  });

  test('have their capacity, whatever the load', () => {
    expect(computeUs(1, 1.25, 0.3)).toBe(computeUs(1.25));
    expect(computeUs(3, 1.25)).toBe(computeUs(1.25));
    expect(computeUs(1, 1.25)).toBe(computeUs(1.25));
  });
});
