import { describe, expect, it } from 'vitest';
import { smallSpace } from '../../test/smallSpace.js';
import { OUTPUT, OUTPUT_COUNT, type OutputName, STATUS } from '../outputs.js';
import { Goal } from './goal.js';
import { parseLimit } from './limits.js';
import { growsWithTime, parseObjective } from './objective.js';

function outputs(values: Partial<Record<OutputName, number>>): Float64Array {
  const row = new Float64Array(OUTPUT_COUNT);
  for (const [name, value] of Object.entries(values)) row[OUTPUT[name as OutputName]] = value;
  return row;
}

const space = smallSpace();

/** 2 s, 3 GB/s, $ 5, 7 GB. */
const DESIGN = outputs({ timeUs: 2e6, bandwidthGBps: 3, costUsd: 5, memoryMB: 7000 });

describe('objectives', () => {
  it.each([
    ['time', 2, 'time', 's'],
    ['memory*time', 14, 'time × memory', 's × GB'],
    ['cost*time*time', 20, 'time^2 × cost', '(s)^2 × $'],
    ['time*bandwidth*cost*memory', 210, 'time × bandwidth × cost × memory', 's × GB/s × $ × GB'],
    ['bandwidth^-1 × time', 2 / 3, 'time × bandwidth^-1', 's × (GB/s)^-1'],
    ['reward-time', Math.sqrt(1 + (2e9 - 1) ** 2), 'reward-time', '1/reward'],
    ['reward-cost', Math.sqrt(1 + (1e10 - 1) ** 2), 'reward-cost', '1/reward'],
    ['reward-bandwidth', Math.sqrt(1 + (3e6 - 1) ** 2), 'reward-bandwidth', '1/reward'],
  ])('%s', (text, value, label, unit) => {
    const goal = new Goal(space, [parseObjective('time'), parseObjective(text)]);
    expect(goal.valuesOf(DESIGN)[1]! / value).toBeCloseTo(1, 12);
    expect(goal.objectives[1]).toMatchObject({ label, unit });
  });

  it('are read back from their labels', () => {
    for (const text of ['time^2*cost', 'memory*bandwidth^-4', 'reward-cost']) {
      const objective = parseObjective(text);
      expect(parseObjective(objective.label)).toEqual(objective);
    }
  });

  it.each(['speed', 'mfu', 'time^5', 'time^4*time', 'time*', ''])("refuse '%s', and name what there is", (text) => {
    expect(() => parseObjective(text)).toThrow(
      expect.objectContaining({ code: 'ARGUMENT', remedy: expect.stringContaining('time, bandwidth, cost, memory') }),
    );
  });

  it.each([
    ['time*cost', true],
    ['cost*memory', true],
    ['time^-1*cost', false],
    ['reward-time', false],
  ])('%s grows with time: %s', (text, grows) => {
    expect(growsWithTime(parseObjective(text))).toBe(grows);
  });
});

describe('a goal', () => {
  it('minds a missing price only where an objective uses it', () => {
    expect(new Goal(space, [parseObjective('time*memory')]).isFeasible(STATUS.PRICE, DESIGN)).toBe(true);
    const priced = new Goal(space, [parseObjective('time'), parseObjective('cost')]);
    expect(priced.isFeasible(STATUS.PRICE, DESIGN)).toBe(false);
    expect(priced.reasonsOf(STATUS.PRICE)).toEqual(['a topology has no price in its tier']);
  });

  it('minds a missing price where a limit names the cost: no design is free', () => {
    const goal = new Goal(space, [parseObjective('time')], [parseLimit('memory <= 9e9'), parseLimit('cost <= 1e6')]);
    expect(goal.isFeasible(STATUS.PRICE, outputs({ costUsd: 0 }))).toBe(false);
    expect(goal.isFeasible(0, DESIGN)).toBe(true);
  });

  it('minds all other statuses, and its limits', () => {
    const goal = new Goal(space, [parseObjective('time')], [parseLimit('memory <= 7e9')]);
    expect(goal.isFeasible(0, DESIGN)).toBe(true);
    expect(goal.isFeasible(STATUS.HEADS, DESIGN)).toBe(false);
    expect(goal.isFeasible(0, outputs({ memoryMB: 7001 }))).toBe(false);
  });

  it('reads any row of several', () => {
    const rows = new Float64Array(2 * OUTPUT_COUNT);
    rows.set(DESIGN, OUTPUT_COUNT);
    const goal = new Goal(space, [parseObjective('time'), parseObjective('cost')]);
    const values = new Float64Array(3);
    goal.writeValues(values, 1, rows, OUTPUT_COUNT);
    expect([...values]).toEqual([0, 2, 5]);
    expect(goal.valueOf(rows, OUTPUT_COUNT)).toBe(2);
  });
});
