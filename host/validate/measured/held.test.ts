/** What rows of programs that are known do not hold in memory. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { summarizeMemory } from './memoryCases.js';
import { stepCases } from './memorySteps.js';
import { trainingRow } from './row.js';
import { stated } from './statements.js';

const cells = {
  ...{ id: 'a', source: 'b', gpu: 'h100-80g', gpus: '8', hidden: '1024', ffn: '4096', layers: '6', heads: '8' },
  ...{ seq: '2048', vocab: '32000', tp: '1', pp: '1', dp: '8', global_batch: '64' },
};

const set = (more: Record<string, string>) =>
  stated(trainingRow.parse({ ...cells, ...more })).flatMap((one) => one.set);

it('a loss of a few hundred tokens at a time holds no logits, one in eight pieces an eighth', () => {
  expect(set({ notes: 'loss in chunks' })).toEqual(['workload.loss=chunked']);
  expect(set({ notes: 'loss in eight chunks' })).toEqual(['workload.loss=fused']);
  expect(set({ notes: 'torch.compile of blocks and loss, loss in eight chunks' })).toEqual(['workload.loss=chunked']);
});

it('torchtitan compiles the loss, too, since a release of 2025', () => {
  const compiled = (framework_version: string, notes = 'FSDP2, torch.compile') => set({ framework_version, notes });
  const inPlace = 'workload.loss=inPlace';
  expect(compiled('torchtitan (September 2025)')).toContain(inPlace);
  expect(compiled('torchtitan 2c8b594, torchao 0.13.0, PyTorch 2.9.0')).toContain(inPlace);
  expect(compiled('torchtitan 0.0.2, torchao 0.10.0, PyTorch 2.7.0a0')).not.toContain(inPlace);
  expect(compiled('torchtitan (September 2025)', 'FSDP2, no torch.compile')).not.toContain(inPlace);
});

it('torchtitan recomputes experts where selective is said', () => {
  const experts = { framework_version: 'torchtitan', recompute: 'selective', experts: '8', top_k: '2' };
  expect(set(experts)).toContain('workload.recomputeExperts=on');
  expect(set({ ...experts, recompute: 'full' })).not.toContain('workload.recomputeExperts=on');
  expect(set({ ...experts, experts: '1', top_k: '1' })).not.toContain('workload.recomputeExperts=on');
});

it('inputs of layers that are recomputed lie on the host under TRL where ranks share a sequence', () => {
  const shared = { framework_version: 'TRL', recompute: 'full', dp: '1', cp: '8' };
  expect(set(shared)).toContain('workload.offloadedLayers=6');
  expect(set({ ...shared, dp: '8', cp: '1' })).not.toContain('workload.offloadedLayers=6');
});

it('of 57 steps of a second set that ran few are said not to fit', () => {
  const cases = stepCases(join(packageRoot, 'test', 'data', 'measured', 'unseen2.csv'));
  const { verdicts } = summarizeMemory(cases);
  expect(verdicts).toMatchObject({ cases: 57, falseFits: 0 });
  expect(verdicts.falseAlarms).toBeLessThanOrEqual(7);
  const alarms = (source: string) =>
    cases.filter((one) => one.source.startsWith(source) && !one.predicted.fits).map(({ id }) => id);
  expect(alarms('TRL')).toEqual(['trl-qwen3-30b-a3b-1m-8', 'trl-qwen3-32b-1m-8']);
  expect(alarms('Lambda')).toEqual([]);
  expect(alarms('torchprime')).toEqual(['torchprime-mixtral-16l-v6e-4']);
});
