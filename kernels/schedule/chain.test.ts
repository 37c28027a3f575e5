import { beforeEach, describe, expect, test } from 'vitest';
import { CODE, SLOT } from '../../psa/parameters.js';
import { createState } from '../state.js';
import { CHANNEL_GROUPS, COLLECTIVE, GROUP, type Group } from '../workload/operation.js';
import { SECTION } from '../workload/transformer.js';
import { communicate, compute, startChain, waitBeside, waitLast, waitNone, waitPrevious } from './chain.js';

const s = createState({ name: 'none', phases: [] }, [0, 0, 0, 0]);
const CALLS: Readonly<Record<string, number>> = { tp: 10, sp: 11, ep: 12 };

/** Starts a collective of a group beside compute. */
function start(group: Group, us: number): void {
  const call = CALLS[group]!;
  s.callChannel[call] = COLLECTIVE.allGather * CHANNEL_GROUPS + GROUP[group];
  s.callUs[call] = us;
  communicate(s, 0, call, 1, false, false);
}

function exposedUs(): Record<string, number> {
  return { tp: s.exposedUs[GROUP.tp]!, sp: s.exposedUs[GROUP.sp]!, ep: s.exposedUs[GROUP.ep]! };
}

beforeEach(() => {
  s.design[SLOT.workload.tensorOverlap] = 1;
  s.design[SLOT.workload.expertOverlap] = 0;
  startChain(s, 0);
});

describe('what compute waits for is each group’s own', () => {
  test('two collectives in a row with nothing beside them', () => {
    compute(s, 5);
    start('sp', 3);
    start('tp', 4);
    waitLast(s);
    expect(s.computeUs).toBe(12);
    expect(exposedUs()).toEqual({ tp: 4, sp: 3, ep: 0 });
  });

  test('compute beside the first shortens its wait alone', () => {
    start('ep', 3);
    compute(s, 2);
    start('tp', 4);
    waitLast(s);
    expect(s.computeUs).toBe(7);
    expect(exposedUs()).toEqual({ tp: 4, sp: 0, ep: 1 });
  });

  test('compute that lasts longer than the first hides it, and a part of the second', () => {
    start('ep', 3);
    start('tp', 4);
    compute(s, 5);
    waitLast(s);
    expect(exposedUs()).toEqual({ tp: 2, sp: 0, ep: 0 });
  });

  test('waiting for all but the last leaves the rest to the last', () => {
    start('sp', 3);
    compute(s, 1);
    start('tp', 4);
    waitPrevious(s);
    expect([s.computeUs, exposedUs()]).toEqual([3, { tp: 0, sp: 2, ep: 0 }]);
    compute(s, 1);
    waitLast(s);
    expect([s.computeUs, exposedUs()]).toEqual([7, { tp: 3, sp: 2, ep: 0 }]);
  });

  test('without overlap every wait is for all', () => {
    s.design[SLOT.workload.tensorOverlap] = 0;
    for (const wait of [waitNone, waitPrevious, waitLast]) {
      startChain(s, 0);
      start('sp', 3);
      start('tp', 4);
      wait(s);
      expect([s.computeUs, exposedUs()]).toEqual([7, { tp: 4, sp: 3, ep: 0 }]);
    }
  });

  test('a collective that nothing runs beside is exposed as a whole', () => {
    s.callChannel[CALLS.ep!] = COLLECTIVE.allToAll * CHANNEL_GROUPS + GROUP.ep;
    s.callUs[CALLS.ep!] = 6;
    compute(s, 1);
    communicate(s, 0, CALLS.ep!, 1, false, true);
    expect([s.computeUs, exposedUs()]).toEqual([7, { tp: 0, sp: 0, ep: 6 }]);
  });
});

describe('exchanges of experts beside another micro-batch', () => {
  test.each([
    ['hide in a longer chain', 20, 23, 0],
    ['leave what is longer than the chain', 4, 10, 3],
  ])('%s', (_, computeUs, endUs, exposed) => {
    s.design[SLOT.workload.expertOverlap] = 1;
    start('ep', 6);
    compute(s, computeUs);
    start('tp', 3);
    waitLast(s);
    start('ep', 4);
    waitLast(s);
    waitBeside(s, SECTION.layerForward);
    expect(s.computeUs).toBe(endUs);
    expect(exposedUs()).toEqual({ tp: 3, sp: 0, ep: exposed });
  });

  test.each([
    ['take their multiprocessors from a longer chain', 20, 22, 8],
    ['and from one that would end with them', 9, 11, 8],
    ['but not from what waits for them anyway', 4, 10, 4],
  ])('%s', (_, computeUs, endUs, aloneUs) => {
    s.design[SLOT.workload.expertOverlap] = 1;
    s.design[SLOT.workload.exchangeShare] = 0.2;
    start('ep', 10);
    compute(s, computeUs);
    waitBeside(s, SECTION.layerForward);
    s.design[SLOT.workload.exchangeShare] = 0;
    expect(s.computeUs).toBe(endUs);
    // Alone both take their time one after the other, with all multiprocessors.
    expect(s.sectionAloneUs[SECTION.layerForward]).toBe(aloneUs);
    expect(s.computeUs + aloneUs).toBe(computeUs + 10);
  });
});

describe('a collective beside other traffic that began with the section', () => {
  const loadedUs = (policy: keyof typeof CODE.collective.schedulingPolicy, queueUs: number): number => {
    s.design[SLOT.collective.schedulingPolicy] = CODE.collective.schedulingPolicy[policy];
    s.sectionQueueUs.fill(queueUs);
    startChain(s, SECTION.layerForward);
    compute(s, 2);
    start('tp', 3);
    waitLast(s);
    compute(s, 1);
    start('tp', 3);
    waitLast(s);
    return s.computeLoadedUs;
  };

  test.each([
    ['FIFO', 1, 9],
    ['FIFO', 4, 11],
    ['FIFO', 50, 57],
    ['shared', 1, 9],
    ['shared', 4, 11],
    // The first takes twice its time, and what is left then is shared with the second, or gone.
    ['shared', 7, 13],
    ['shared', 50, 15],
  ] as const)('%s, %i us of it: ends after %i', (policy, queueUs, us) => {
    expect(loadedUs(policy, queueUs)).toBe(us);
    expect(s.computeUs).toBe(9);
  });
});
