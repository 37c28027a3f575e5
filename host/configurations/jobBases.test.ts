import { describe, expect, it } from 'vitest';
import { JobBases } from './jobBases.js';

const JOB = { system: 'h100-sxm', software: 'megatron-core', model: 'llama3-8b', npus: 8, set: [] };

describe('JobBases', () => {
  it('reads what belongs to the package once for all jobs that share it', () => {
    const bases = new JobBases();
    const psa = bases.psa(JOB);
    expect(bases.psa({ ...JOB })).toBe(psa);
    expect(bases.psa({ ...JOB, npus: 16 })).not.toBe(psa);
    expect(bases.psa({ ...JOB, set: ['compute.peakTflops=900'] })).not.toBe(psa);
  });

  it('keeps nothing for others', () => {
    expect(new JobBases().psa(JOB)).not.toBe(new JobBases().psa(JOB));
  });

  it('reads files anew, which may have changed', () => {
    const bases = new JobBases();
    const job = { ...JOB, system: 'psa/presets/machines/h100-sxm.yaml' };
    expect(bases.psa(job)).not.toBe(bases.psa(job));
  });
});
