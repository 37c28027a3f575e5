import { describe, expect, test } from 'vitest';
import { CODE, compileDesign, loadDefault, type ParameterName, slotOf } from '../../psa/index.js';
import { OUTPUT, STATUS } from '../outputs.js';
import { simulateGraph } from '../simulate.js';
import { createState, type State } from '../state.js';
import { CALL, GROUP, type Group } from '../workload/operation.js';

const NODE = 8;
const SHARDING = CODE.workload.weightSharding;
const dense = compileDesign(loadDefault('dgx-h100', 'llama2-7b', ['system.npus=64', `network.npus[0]=${NODE}`]));
const mixture = compileDesign(loadDefault('dgx-h100', 'mixtral-8x7b', ['system.npus=64', `network.npus[0]=${NODE}`]));

type Settings = Partial<Record<ParameterName, number>>;

function stateOf(settings: Settings, space = dense): State {
  const { workload, tiers } = space;
  const design = Float64Array.from(space.fixed);
  const all: Settings = {
    'workload.tp': 1,
    'workload.sp': 1,
    'workload.dp': 64,
    'workload.pp': 1,
    'workload.ep': 1,
    'workload.etp': 0,
    'workload.weightSharding': SHARDING.zero3,
    'workload.virtualStages': 1,
    'workload.pipelineSchedule': CODE.workload.pipelineSchedule['1f1b'],
    'workload.microBatch': 1,
    ...settings,
  };
  for (const [name, value] of Object.entries(all)) design[slotOf(name)] = value;
  const s = createState(workload, tiers);
  simulateGraph(s, design);
  return s;
}

const factors = (s: State, group: Group): number[] => [
  ...s.groupFactor.subarray(4 * GROUP[group], 4 * GROUP[group] + 2),
];

describe('groups of replicas that shard inside', () => {
  test('of a node lie in it, and those that hold the same shard across nodes', () => {
    const s = stateOf({ 'workload.shardGroup': NODE });
    expect(s.layoutStatus).toBe(0);
    expect([factors(s, 'data'), factors(s, 'outerData')]).toEqual([
      [NODE, 1],
      [1, 64 / NODE],
    ]);
  });

  test('take context parallelism and experts in; tp stays inside', () => {
    const s = stateOf({ 'workload.tp': 2, 'workload.sp': 2, 'workload.dp': 16, 'workload.shardGroup': 8 });
    expect(s.layoutStatus).toBe(0);
    expect([factors(s, 'data'), factors(s, 'outerData')]).toEqual([
      [4, 2],
      [1, 4],
    ]);
    const experts = stateOf({ 'workload.ep': 4, 'workload.shardGroup': 16 }, mixture);
    expect(experts.layoutStatus).toBe(0);
    expect(experts.groupSize[GROUP.data]).toBe(16);
    expect(experts.groupSize[GROUP.expertData]).toBe(4);
    expect(experts.groupSize[GROUP.outerData]).toBe(4);
  });

  test('are the same for experts that lie apart', () => {
    const settings = {
      'workload.tp': 2,
      'workload.dp': 32,
      'workload.ep': 8,
      'workload.etp': 1,
      'workload.shardGroup': 8,
    };
    const s = stateOf(settings, mixture);
    expect(s.layoutStatus).toBe(0);
    expect([s.groupSize[GROUP.data], s.groupSize[GROUP.expertData], s.groupSize[GROUP.outerData]]).toEqual([8, 2, 4]);
    // With 32 ranks of experts fewer replicas of them are left than there are groups.
    expect(stateOf({ ...settings, 'workload.ep': 32 }, mixture).layoutStatus & STATUS.MAPPING).not.toBe(0);
  });

  test('that do not take up all replicas do not fit', () => {
    expect(stateOf({ 'workload.shardGroup': 24 }).layoutStatus & STATUS.MAPPING).not.toBe(0);
    expect(stateOf({ 'workload.shardGroup': 128 }).layoutStatus & STATUS.MAPPING).not.toBe(0);
    const cut = stateOf({ 'workload.sp': 4, 'workload.dp': 16, 'workload.shardGroup': 2 });
    expect(cut.layoutStatus & STATUS.MAPPING).not.toBe(0);
  });

  test('of all replicas, or of state that is not sharded, are as if there were none', () => {
    const plain = stateOf({});
    const whole = stateOf({ 'workload.shardGroup': 64 });
    expect([...whole.parts]).toEqual([...plain.parts]);
    const unsharded = { 'workload.weightSharding': SHARDING.none };
    expect([...stateOf({ ...unsharded, 'workload.shardGroup': 8 }).parts]).toEqual([...stateOf(unsharded).parts]);
  });

  test.each([
    'zero1',
    'zero2',
    'zero3',
  ] as const)('%s holds as much as that many replicas would, and reduces shards outside', (sharding) => {
    const settings = { 'workload.weightSharding': SHARDING[sharding] };
    const s = stateOf({ ...settings, 'workload.shardGroup': NODE });
    const few = stateOf({ ...settings, 'workload.dp': NODE, 'workload.pp': 1, 'workload.batch': 128 });
    for (const output of ['weightsMB', 'gradientsMB', 'optimizerMB'] as const) {
      expect(s.parts[OUTPUT[output]], output).toBe(few.parts[OUTPUT[output]]);
    }
    expect(s.callMB[CALL.outerDense]).toBeCloseTo(s.callMB[CALL.gradientDense]! / NODE, 9);
    expect(s.callUs[CALL.outerDense]).toBeGreaterThan(0);
    expect(stateOf(settings).callUs[CALL.outerDense]).toBe(0);
    // A scatter over NVLink alone is shorter than one over all nodes.
    expect(s.callUs[CALL.gradientDense]).toBeLessThan(stateOf(settings).callUs[CALL.gradientDense]!);
  });

  test('of one NPU hold all of the state and reduce all gradients outside', () => {
    const s = stateOf({ 'workload.shardGroup': 1 });
    const unsharded = stateOf({ 'workload.weightSharding': SHARDING.none });
    expect(s.parts[OUTPUT.optimizerMB]).toBe(unsharded.parts[OUTPUT.optimizerMB]);
    expect(s.callUs[CALL.outerDense]).toBeCloseTo(unsharded.callUs[CALL.gradientDense]!, 9);
  });
});
