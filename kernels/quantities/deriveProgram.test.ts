import { describe, expect, it } from 'vitest';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { FACTS } from '../../test/facts.js';
import { deriveProgram } from './deriveProgram.js';

describe('derived outputs as WGSL', () => {
  const program = (...set: string[]) =>
    deriveProgram(compilePsa(loadPsa('cosmic-workload', { set: [...FACTS, ...set] })));

  it('are divided by nothing that is known of a space', () => {
    expect(program()).toContain('outputs[OUTPUT_DAYS] = ');
    expect(program()).not.toMatch(/quotient\([^()]*, [\d.e+-]+f\)/);
  });

  it('are divided by what only a design tells', () => {
    expect(program('job.storageGBps=1e-5,200')).toMatch(
      /quotient\(outputs\[OUTPUT_CHECKPOINT_MB\] \* 0\.001\w*f, design\[\d+u\]\)/,
    );
  });
});
