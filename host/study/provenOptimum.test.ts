/** Proofs against the evaluation of all designs: spaces of the paper's cases, and those that agents are studied on. */
import { describe, expect, test } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import type { CompiledSpace } from '../../psa/space.js';
import { webgpuAvailable } from '../../test/webgpu.js';
import { createCpuEvaluator } from '../backends/cpu/evaluator.js';
import { createEvaluator } from '../backends/createEvaluator.js';
import { wholeSweep } from '../backends/requests.js';
import { refine } from '../optimum/refine.js';
import { paperCases, REWARDS } from './paperCases.js';
import { provenOptimum } from './provenOptimum.js';
import { STUDY_SPACES } from './spaces.js';

/** COSMIC_WHOLE_STACKS=1 sweeps the networks whole, on WebGPU where there is some: 60 million designs. */
const WHOLE = process.env.COSMIC_WHOLE_STACKS === '1';

/** Two bandwidths of each other dimension. */
const CUT = [0, 1, 2, 3].map((d) => `network.bandwidthGBps[${d}]=${d % 2 === 0 ? '50,500' : '100'}`);

/** The least objective of a sweep, in f64; f32 finds it to what its rounding leaves. */
async function sweptBest(space: CompiledSpace, reward: string): Promise<{ best: number | undefined; exact: number }> {
  const onGpu = WHOLE && space.count > 100_000n && (await webgpuAvailable());
  const evaluator = await createEvaluator(space, { backend: onGpu ? 'webgpu' : 'cpu' });
  const request = wholeSweep(space, [parseObjective(reward)]);
  const { top } = refine(space, request, await evaluator.sweep(request).finally(() => evaluator.close()));
  return { best: top[0]?.objectives[0], exact: onGpu ? 1e-6 : 1e-9 };
}

const CASES = paperCases().filter(({ part }) => part === 'models');

describe.each(['cosmic-workload', 'cosmic-collective', 'cosmic-network'])('%s', (name) => {
  test.each(CASES)('$model on $system: a proof finds what a sweep finds', { timeout: 600_000 }, async (of) => {
    const set = name === 'cosmic-network' ? [...of.set, ...(WHOLE ? [] : CUT)] : [];
    const space = compilePsa(loadPsa(name, { model: of.model, system: of.system, set }));
    const evaluator = createCpuEvaluator(space, 1);
    for (const reward of REWARDS) {
      const proven = await provenOptimum(evaluator, parseObjective(reward), undefined);
      const [value, { best, exact }] = [proven!.best?.objectives[0], await sweptBest(space, reward)];
      if (WHOLE) console.info(`${of.model} ${of.system} ${name} ${reward}`, String(space.count), value, best);
      expect(value === undefined).toBe(best === undefined);
      if (value === undefined || best === undefined) continue;
      // A proof that misses a design is found out in full, a sweep that does only where rounding cannot be why.
      expect(value).toBeLessThanOrEqual(best * (1 + 1e-9));
      expect(value).toBeGreaterThanOrEqual(best * (1 - exact));
    }
  });
});

/** Each of these spaces was swept whole for its optimum. */
test.each([
  ['workload', 5_239_844_937],
  ['collective', 21_717_807_110],
  ['network', 2_282_365_927],
  ['full', 1_090_219_063],
])('the space %s of the study of agents has the optimum that a sweep has', async (name, swept) => {
  const { preset, set } = STUDY_SPACES.find((space) => space.name === name)!;
  const space = compilePsa(loadPsa(preset, { set: [...set] }));
  const proven = await provenOptimum(createCpuEvaluator(space, 1), parseObjective('time*cost'), undefined);
  expect(Math.round(proven!.best!.objectives[0]!)).toBe(swept);
});
