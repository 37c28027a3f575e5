import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { designEvaluator } from '../host/designs/designs.js';
import { OUTPUT } from '../kernels/outputs.js';
import { compileDesign, loadDefault } from '../psa/defaults.js';
import { packageRoot } from '../psa/packageRoot.js';
import { PROFILES } from '../psa/space.js';

const text = readFileSync(join(packageRoot, 'docs/model.md'), 'utf8');
const rows = [...text.matchAll(/^\| (cosmic-\d+) \| (\S+) \| (\S+) \| (\S+) \| (\S+) \|$/gm)];

test('docs/model.md compares the profiles on three systems and four models', () => {
  expect(rows).toHaveLength(12);
});

test.each(rows.map(([, ...cells]) => cells))('%s, %s: the documented step times', (system, model, ...times) => {
  for (const [i, profile] of PROFILES.entries()) {
    const space = compileDesign(loadDefault(system!, model!, [], profile));
    const seconds = designEvaluator(space)(space.fixed).outputs[OUTPUT.timeUs]! * 1e-6;
    expect(Math.abs(Number(times[i]) - seconds) / seconds).toBeLessThan(0.005);
  }
  expect(Number(times[1]) / Number(times[0])).toBeCloseTo(Number(times[2]), 1);
});
