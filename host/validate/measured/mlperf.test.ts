/** What is read out of the words of a run of MLPerf Training. */
import { describe, expect, it } from 'vitest';
import { trainingRow } from './row.js';
import { stated } from './statements.js';

const cells = {
  ...{
    id: 'a',
    source: 'MLPerf Training v5.1',
    gpu: 'b200-180g',
    gpus: '8',
    model: 'Llama3-8B',
    framework_version: 'MLPerf v5.1',
  },
  ...{
    hidden: '4096',
    ffn: '14336',
    layers: '32',
    heads: '32',
    seq: '8192',
    tp: '1',
    pp: '1',
    dp: '8',
    global_batch: '16',
  },
};

const row = (more: Record<string, string>) => trainingRow.parse({ ...cells, ...more });

describe('a run of MLPerf Training v5.1', () => {
  const setOf = (overrides: Parameters<typeof row>[0]) => stated(row(overrides)).flatMap(({ set }) => set);
  const EIGHT = 'workload.attentionPrecision=fp8';

  // config_common_fp8attn.sh is sourced by Nebius's config_DGXB200_1x8x2xtp1pp1cp1_8b_fp4.sh, and not by Dell's of two nodes in fp8.
  it('attends in eight bits where its products have four', () => {
    expect(setOf({ precision: 'nvfp4' })).toContain(EIGHT);
    expect(setOf({ precision: 'fp8' })).not.toContain(EIGHT);
    expect(setOf({ precision: 'nvfp4', model: 'Llama3.1-405B' })).not.toContain(EIGHT);
    expect(setOf({ precision: 'fp8', notes: 'config config_XD670_8x8x1xtp1pp1cp2_8b.sh; CUDA graphs' })).toContain(
      EIGHT,
    );
  });

  it('has no products in four bits for a configuration of another chip', () => {
    const notes =
      'config config_1xXE9680Lx8B200-SXM-180GB.sh; other configs match as well: config_DGXB200_fp4.sh; precision ambiguous (FP8 or NVFP4); CUDA graphs';
    expect(setOf({ gpu: 'b200-180g', notes })).toEqual(expect.arrayContaining(['workload.precision=nvfp4', EIGHT]));
    expect(setOf({ gpu: 'b300-270g', notes })).toContain('workload.precision=fp8');
    expect(setOf({ gpu: 'b300-270g', notes })).not.toContain(EIGHT);
  });
});
