/** The astra-sim profile refuses what its workload generator has no operations for. */
import { expect, it } from 'vitest';
import { loadModel } from './model.js';
import { withProfile } from './profile.js';

it.each([
  ['gates of attention', { attentionGate: true }, 'attention with gates'],
  ['layers of one block each', { layerPattern: 'M' }, 'layers of several kinds of blocks'],
])('astra-sim does not cover %s', (_, change, named) => {
  const workload = loadModel('llama2-7b');
  const changed = { ...workload, phases: workload.phases.map((phase) => ({ ...phase, ...change })) };
  expect(withProfile(workload, 'astra-sim', {}).profile).toBe('astra-sim');
  expect(() => withProfile(changed, 'astra-sim', {})).toThrow(named);
});
