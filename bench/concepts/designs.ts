/** Whole designs of several workloads in the f64 simulator, on one thread. */
import Benchmark from 'benchmark';
import { createSimulator } from '../../host/profiles/profiles.js';
import { OUTPUT_COUNT } from '../../kernels/outputs.js';
import { compileDesign, loadDefault } from '../../psa/index.js';

export interface DesignResult {
  readonly name: string;
  readonly microseconds: number;
  /** Relative margin of error of the mean at 95 %, in percent. */
  readonly marginPercent: number;
}

const WORKLOADS: Readonly<Record<string, string>> = {
  'gpt3-175b': 'GPT3-175B, a training step',
  'gpt3-175b-qa': 'GPT3-175B QA, prefill and decode',
  'cosmic-ensemble': 'ensemble of four models',
};

function measure(model: string, name: string): DesignResult {
  const space = compileDesign(loadDefault('cosmic-1024', model));
  const simulate = createSimulator(space);
  const outputs = new Float64Array(OUTPUT_COUNT);
  const run = (): void => {
    simulate(space.fixed, outputs, 0);
  };
  const { stats } = new Benchmark(name, run, { maxTime: 1 }).run();
  return { name, microseconds: 1e6 * stats.mean, marginPercent: stats.rme };
}

/** Measures the default design of cosmic-1024 for each workload; takes about six seconds. */
export function measureDesigns(): DesignResult[] {
  return Object.entries(WORKLOADS).map(([model, name]) => measure(model, name));
}
