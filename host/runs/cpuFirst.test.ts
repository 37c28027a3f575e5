/** Runs whose sweep begins on the CPU and goes on elsewhere: what their manifest keeps of that. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { createEvaluator } from '../backends/createEvaluator.js';
import type { Evaluator } from '../backends/evaluator.js';
import { advanceRun } from './advanceRun.js';
import { mergeRuns } from './mergeRuns.js';
import { type OpenSpace, openSpace } from './openSpace.js';
import { createRun, openRun } from './run.js';
import { sweepSettings } from './settings.js';

describe('a run that the CPU begins', () => {
  const folder = temporaryFolder('first');
  let open: OpenSpace;
  let plain: Evaluator;
  let mixed: Evaluator;

  beforeAll(async () => {
    open = openSpace('cosmic-workload');
    plain = await createEvaluator(open.space, { backend: 'cpu', threads: 1 });
    mixed = { ...plain, cpuFirst: 16n };
  });
  afterAll(() => plain.close());

  const at = (name: string) => join(folder, name);
  const shard = (name: string, start: bigint, count: bigint) =>
    advanceRun(createRun(at(name), open, sweepSettings(open, { start, count }), mixed), mixed);

  it('keeps how many designs are the CPU’s, and is opened with that', async () => {
    const { manifest } = await shard('whole', 0n, 64n);
    expect(manifest.backend).toMatchObject({ name: 'cpu', cpuFirst: '16' });
    expect(openRun(at('whole'))).toMatchObject({ backend: 'cpu', cpuFirst: 16n });
  });

  it('goes on with an evaluator that changes at the same design, and with no other', async () => {
    createRun(at('begun'), open, sweepSettings(open, { count: 64n }), mixed);
    await expect(advanceRun(openRun(at('begun')), plain)).rejects.toMatchObject({
      code: 'RUN_MISMATCH',
      remedy: expect.stringContaining('cpuFirst: 16n'),
    });
    expect((await advanceRun(openRun(at('begun')), mixed)).finished).toBe(true);
  });

  it('says nothing of a place once it is a part of several', async () => {
    await shard('a', 0n, 32n);
    await shard('b', 32n, 32n);
    expect(mergeRuns([at('a')], at('one')).manifest.backend).toHaveProperty('cpuFirst', '16');
    expect(mergeRuns([at('a'), at('b')], at('both')).manifest.backend).not.toHaveProperty('cpuFirst');
  });
});
