import { describe, expect, test } from 'vitest';
import { withSteps } from './measureRates.js';
import type { Rates } from './rates.js';

const MEASURED = { cpu: { sweep: 1, search: 2 }, webgpu: { sweep: 3, search: 4 }, startUpMs: 5 };
const RATES: Rates = {
  ...MEASURED,
  ...{ date: '2026-11-28', cpuModel: 'one', threads: 2, adapter: 'another', driver: 'its' },
};

describe('rates of whole steps', () => {
  test('stand beside the others', async () => {
    expect(await withSteps(RATES, async () => MEASURED)).toEqual({ rates: { ...RATES, steps: MEASURED } });
  });

  test('are told to be missing where steps fail, and the others stay', async () => {
    const fails = () => Promise.reject(new Error('the device was lost'));
    expect(await withSteps(RATES, fails)).toEqual({ rates: RATES, stepsError: 'the device was lost' });
  });
});
