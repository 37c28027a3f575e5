import { expect, it, vi } from 'vitest';
import { PROFILES } from '../../psa/space.js';
import { compareStacks } from './compare.js';
import { solverHere } from './paper.js';

vi.mock('./compare.js', () => ({ compareStacks: vi.fn(() => Promise.resolve([])) }));

it.each([
  ['auto', ['auto', 'auto']],
  ['webgpu', ['webgpu', 'webgpu']],
  ['gpujs', ['gpujs', 'cpu']],
] as const)('compares stacks on %s, where a profile has it', async (backend, taken) => {
  vi.mocked(compareStacks).mockClear();
  for (const profile of PROFILES) await solverHere({ backend }).solve({ profile } as never, '');
  expect(vi.mocked(compareStacks).mock.calls.map(([, options]) => options.backend)).toEqual(taken);
});
