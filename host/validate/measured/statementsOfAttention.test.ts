/** Which kernels of attention a row's words say, and how ranks of context go through a sequence. */
import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../../psa/defaults.js';
import { SLOT } from '../../../psa/parameters.js';
import { loadSoftware } from '../../../psa/software.js';
import { trainingRow } from './row.js';
import { installationOf } from './runs.js';
import { stated } from './statements.js';

const cells = {
  ...{ id: 'a', source: 'b', gpu: 'h100-80g', gpus: '8', hidden: '1024', ffn: '4096', layers: '6', heads: '8' },
  ...{ seq: '2048', vocab: '32000', tp: '1', pp: '8', dp: '1', global_batch: '64' },
};

const set = (more: Record<string, string>) =>
  stated(trainingRow.parse({ ...cells, ...more })).flatMap((one) => one.set);

it('attention is that of kernels written for the chip where the program asks for them, or of instructions of chips of before', () => {
  const ofTheChip = 'compute.synchronousAttention=0';
  const ofBefore = `compute.synchronousAttention=${loadSoftware('fsdp2').defaults.get('compute.synchronousAttention')![0]!}`;
  const today = 'PyTorch FSDP2 (August 2026)';
  expect(set({ gpu: 'h100-80g', framework_version: 'torchtitan' })).not.toContain(ofTheChip);
  expect(set({ gpu: 'h100-80g', framework_version: today })).toEqual([ofTheChip]);
  expect(set({ gpu: 'a100-80g', framework_version: today })).toEqual([]);
  expect(set({ gpu: 'h100-80g', framework_version: 'PyTorch FSDP2 (May 2025)' })).toEqual([]);
  expect(set({ gpu: 'b200-180g', notes: 'FlashAttention-2' })).toEqual([ofBefore]);
  expect(set({ gpu: 'h100-80g', notes: 'FlashAttention-3' })).toEqual([ofTheChip]);
  expect(set({ gpu: 'a100-80g', notes: 'FlashAttention-2' })).toEqual([]);
  expect(set({ gpu: 'h100-80g', notes: 'flash attention 2', framework_version: 'llm-foundry' })).toEqual([]);
});

/** Of a fused attention of a row: the share of instructions that wait, 0 of kernels written for the chip; and their rate. */
function attentionOf(more: Record<string, string>) {
  const { system, software, set: own } = installationOf(trainingRow.parse({ ...cells, ...more }), {}, {});
  const { fixed } = compileDesign(loadDefault(system, 'llama3-8b', ['system.npus=8', ...own], undefined, software));
  return [fixed[SLOT.compute.synchronousAttention], fixed[SLOT.compute.synchronousRate]];
}

it("a framework's own attention is that of the machine's compute capability, with which words of a row agree", () => {
  const framework_version = 'torchtitan, torch.compile';
  const { defaults } = loadSoftware('fsdp2');
  const [ofBefore] = defaults.get('compute.synchronousAttention')!;
  for (const gpu of ['b200-180g', 'b300-270g', 'gb200', 'gb300']) {
    expect(attentionOf({ gpu, framework_version })[0]).toBe(0);
    expect(attentionOf({ gpu, framework_version, notes: 'FlashAttention-2' })).toEqual([ofBefore, 0.25]);
  }
  expect(attentionOf({ gpu: 'h100-80g', framework_version })).toEqual([ofBefore, 0.63]);
  expect(attentionOf({ gpu: 'a100-80g', framework_version })).toEqual([ofBefore, 1]);
  expect(attentionOf({ gpu: 'b200-180g', framework_version: 'PyTorch FSDP2, Hugging Face' })[0]).toBe(0);
});

it('ranks of context have both ends of a sequence under Accelerate', () => {
  const notes = 'ring attention of Accelerate';
  expect(set({ notes, gpus: '8', tp: '1', pp: '1', dp: '1', cp: '8' })).toEqual(['workload.contextBalance=on']);
  expect(set({ notes })).toEqual([]);
});

it('cuDNN attention was not among what torchtitan saved of a layer until December 2025', () => {
  const again = 'workload.recomputeFusedCore=on';
  const row = { recompute: 'selective', framework_version: 'torchtitan 6fc499f, torchao 0.13.0' };
  expect(set({ ...row, gpu: 'b200-180g' })).toContain(again);
  expect(set({ ...row, gpu: 'b200-180g', recompute: 'full' })).not.toContain(again);
  expect(set({ ...row, gpu: 'h100-80g' })).not.toContain(again);
  expect(set({ ...row, gpu: 'b200-180g', framework_version: 'torchtitan (July 2026)' })).not.toContain(again);
});
