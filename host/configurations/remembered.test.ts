import { describe, expect, it } from 'vitest';
import { remembered, type ValueOf } from './remembered.js';

const job =
  (tp: number, pp: number, dp: number): ValueOf =>
  (name) =>
    name === 'workload.tp' ? tp : name === 'workload.pp' ? pp : name === 'workload.dp' ? dp : 0;

describe('remembered', () => {
  it('answers as the function does, and asks it once for all jobs that it sees no difference of', () => {
    let asked = 0;
    // Which values matter depends on the first.
    const ask = (value: ValueOf) =>
      Number(value('workload.tp')) * Number(value('workload.tp') === 1 ? 7 : value('workload.pp'));
    const answer = remembered((value) => {
      asked++;
      return ask(value);
    });
    for (let round = 0; round < 2; round++) {
      for (const tp of [2, 1, 4])
        for (const pp of [1, 2, 8])
          for (const dp of [1, 3]) expect(answer(job(tp, pp, dp)).answer).toBe(ask(job(tp, pp, dp)));
    }
    expect(asked).toBe(3 + 1 + 3);
    expect([...answer(job(1, 5, 5)).read]).toEqual(['workload.tp']);
    expect([...answer(job(2, 1, 5)).read]).toEqual(['workload.tp', 'workload.pp']);
  });

  it('answers of what reads nothing', () => {
    expect(remembered(() => 5)(job(1, 1, 1))).toEqual({ answer: 5, read: new Set() });
  });
});
