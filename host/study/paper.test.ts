import { expect, it, vi } from 'vitest';
import { PROFILES } from '../../psa/space.js';
import { compareStacks } from './compare.js';
import { backendsText, solverHere } from './paper.js';

vi.mock('./compare.js', () => ({ compareStacks: vi.fn(() => Promise.resolve([])) }));

it.each([
  ['auto', ['auto', 'auto'], 'backend auto'],
  ['webgpu', ['webgpu', 'webgpu'], 'backend webgpu'],
  ['gpujs', ['gpujs', 'cpu'], 'backend gpujs in the default profile, backend cpu in the astra-sim profile'],
] as const)('compares stacks on %s, where a profile has it, and says so', async (backend, taken, said) => {
  vi.mocked(compareStacks).mockClear();
  for (const profile of PROFILES) await solverHere({ backend }).solve({ profile } as never, '');
  expect(vi.mocked(compareStacks).mock.calls.map(([, options]) => options.backend)).toEqual(taken);
  expect(backendsText(backend, PROFILES)).toBe(said);
});
