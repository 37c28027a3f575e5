import { describe, expect, it } from 'vitest';
import { AGENT_PROBLEMS } from './agentProblems.js';
import { AGENT_TOLERANCE, evaluationsToTarget, validateAgents } from './agents.js';

/** One of each kind, cheap ones: `cosmic validate agents` runs all. */
const CHEAP = [
  'sphere 5',
  'ellipsoid 5',
  'rosenbrock 5',
  'SphereInt 10 + 10',
  'SphereCOM 5 + 5',
  'SphereIntCOM 3 + 3 + 3',
];

describe('validateAgents', () => {
  const problems = AGENT_PROBLEMS.filter(({ name }) => CHEAP.includes(name));
  const report = validateAgents({ problems });

  it('finds CMA-ES as fast as pycma and cmaes, on every seed', () => {
    expect(report.cases).toBe(CHEAP.length);
    expect(report.failures).toEqual([]);
    expect(report.passed).toBe(true);
    expect(report.maxRelError).toBeLessThanOrEqual(AGENT_TOLERANCE);
    for (const { successes, runs } of report.results) expect(successes).toBe(runs);
  });

  it('is not faster than can be, either', () => {
    // A counter that counts too little would pass any upper bound.
    for (const { relError } of report.results) expect(relError).toBeGreaterThan(-AGENT_TOLERANCE);
  });

  it('fails where an agent needs more, and where it gives up', () => {
    const [sphere] = problems;
    const hasty = { ...sphere!, references: [{ implementation: 'faster', evaluations: 400 }] };
    expect(validateAgents({ problems: [hasty], seeds: 3 })).toMatchObject({ passed: false, failures: [{ runs: 3 }] });
    const hopeless = { ...sphere!, value: () => 1, references: [{ implementation: 'any', evaluations: 100 }] };
    expect(validateAgents({ problems: [hopeless], seeds: 2 })).toMatchObject({
      passed: false,
      results: [{ successes: 0 }],
    });
  });

  it('gives the same for the same seed', () => {
    expect(evaluationsToTarget(problems[0]!, 3)).toBe(evaluationsToTarget(problems[0]!, 3));
  });
});
