import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseObjective } from '../../../kernels/objective/objective.js';
import { smallSpace } from '../../../test/smallSpace.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import type { Evaluator, SweepRequest } from '../evaluator.js';
import { createWebgpuEvaluator } from './evaluator.js';
import { processDevice } from './session.js';

const available = await webgpuAvailable();
const space = smallSpace();

const request: SweepRequest = {
  source: { kind: 'ordinals' },
  start: 0n,
  count: space.count,
  objectives: [parseObjective('time'), parseObjective('bandwidth')],
  top: 5,
  pareto: true,
};

/** Takes the device away, as a driver's reset does. */
async function loseDevice(): Promise<void> {
  const open = await processDevice();
  open.device.destroy();
  await open.device.lost;
}

describe.skipIf(!available)('a lost device', () => {
  let evaluator: Evaluator;
  beforeAll(async () => {
    evaluator = await createWebgpuEvaluator(space);
  });
  afterAll(async () => {
    await evaluator?.close();
  });

  it('is replaced in the middle of a sweep, which goes on to the same result', async () => {
    const whole = await evaluator.sweep(request);
    const finished: bigint[] = [];
    const interrupted = await evaluator.sweep(request, {
      async onChunk({ evaluated }) {
        finished.push(evaluated);
        if (finished.length <= 2) await loseDevice();
      },
    });
    expect(finished.length).toBeGreaterThan(2);
    // From the last finished range, not from the beginning.
    expect(finished.every((evaluated, i) => i === 0 || evaluated > finished[i - 1]!)).toBe(true);
    expect(interrupted).toEqual(whole);
  });

  it('is replaced before a batch', async () => {
    const batch = { kind: 'ordinals', start: 0n, count: 500 } as const;
    const before = await evaluator.evaluate(batch);
    await loseDevice();
    expect(await evaluator.evaluate(batch)).toEqual(before);
  });
});
