import { describe, expect, it } from 'vitest';
import { adapterSummary as adapter } from '../../test/adapterSummary.js';
import { smallSpace } from '../../test/smallSpace.js';
import { chooseFrom } from './chooseBackend.js';
import { createEvaluator } from './createEvaluator.js';
import { adviceFor, examine } from './doctor.js';

describe('auto', () => {
  it('takes WebGPU on hardware only', () => {
    expect(chooseFrom(adapter('hardware'))).toMatchObject({ backend: 'webgpu' });
    expect(chooseFrom(adapter('software'))).toMatchObject({ backend: 'cpu' });
    expect(chooseFrom(undefined)).toMatchObject({ backend: 'cpu' });
  });

  it('says in one line what it took and why', async () => {
    const evaluator = await createEvaluator(smallSpace(), { backend: 'auto', threads: 1 });
    expect(evaluator.description).toMatch(/^[^\n]+auto: [^\n]+$/);
    await evaluator.close();
  });

  it('refuses a number of threads that is none', async () => {
    const creation = createEvaluator(smallSpace(), { backend: 'cpu', threads: 0 });
    await expect(creation).rejects.toMatchObject({ code: 'VALUE_OUT_OF_RANGE' });
  });
});

describe('doctor', () => {
  it('tells of this machine', async () => {
    const report = await examine();
    expect(report.node).toBe(process.version);
    expect(report.cores).toBeGreaterThan(0);
    expect(report.auto.backend).toBe(report.adapters.some(({ type }) => type === 'hardware') ? 'webgpu' : 'cpu');
    expect(report.advice.length === 0).toBe(report.auto.backend === 'webgpu');
  });

  it('advises what fits: nothing with a GPU, both drivers without any adapter', () => {
    expect(adviceFor([adapter('hardware')], true, false)).toEqual([]);
    expect(adviceFor([adapter('software')], false, true)).toHaveLength(1);
    expect(adviceFor([adapter('software')], false, false).join()).toMatch(/doctor --tune/);
    expect(adviceFor([], true, false).join()).toMatch(/nvidia-vulkan-icd.*mesa-vulkan-drivers/s);
  });
});
