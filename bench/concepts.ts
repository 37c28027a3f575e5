/** Micro-benchmarks of single concepts of the f64 simulator, on one thread. */
import Benchmark from 'benchmark';
import { collective } from '../kernels/collective/collective.js';
import { DECODE_MODE, decodeDesign, decodeDigits } from '../kernels/decode/decode.js';
import { packGenes } from '../kernels/decode/genes.js';
import { layAxes, readNetwork } from '../kernels/network/network.js';
import { OUTPUT_COUNT } from '../kernels/outputs.js';
import { createSimulator } from '../kernels/simulate.js';
import { createState } from '../kernels/state.js';
import { COLLECTIVE, GROUP } from '../kernels/workload/operation.js';
import { type CompiledSpace, compileDesign, loadDefault, SLOT_COUNT } from '../psa/index.js';

export interface ConceptResult {
  readonly name: string;
  readonly microseconds: number;
  /** Relative margin of error of the mean at 95 %, in percent. */
  readonly marginPercent: number;
  readonly samples: number;
}

function decodeOne(space: CompiledSpace): () => void {
  const packed = packGenes(space);
  const digits = new Uint32Array(packed.count);
  const design = new Float64Array(SLOT_COUNT);
  const source = { mode: DECODE_MODE.samples, digits, seed: 1, startLow: 0, startHigh: 0 };
  let index = 0;
  return () => {
    decodeDigits(packed, source, index++, digits);
    decodeDesign(packed, digits, design);
  };
}

/** An all-reduce over a group that spans several dimensions. */
function collectiveOne(): () => void {
  const space = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b'));
  const state = createState(space.workload, space.tiers);
  state.design = space.fixed;
  readNetwork(state);
  layAxes(state);
  let sizeMB = 100;
  // Never the size of the last call, which would be remembered.
  return () => {
    sizeMB = 201 - sizeMB;
    collective(state, COLLECTIVE.allReduce, GROUP.data, sizeMB);
  };
}

function designOne(model: string): () => void {
  const space = compileDesign(loadDefault('cosmic-1024', model));
  const simulate = createSimulator(space.workload, space.tiers);
  const outputs = new Float64Array(OUTPUT_COUNT);
  return () => {
    simulate(space.fixed, outputs, 0);
  };
}

function measure(name: string, run: () => void): ConceptResult {
  const { stats } = new Benchmark(name, run, { maxTime: 2 }).run();
  return { name, microseconds: 1e6 * stats.mean, marginPercent: stats.rme, samples: stats.sample.length };
}

export function measureConcepts(space: CompiledSpace): ConceptResult[] {
  return [
    measure(`draw and decode a design of ${space.name}`, decodeOne(space)),
    measure('all-reduce of 100 MB over dp × sp of cosmic-1024', collectiveOne()),
    measure('design: GPT3-175B, a training step', designOne('gpt3-175b')),
    measure('design: GPT3-175B QA, prefill and decode', designOne('gpt3-175b-qa')),
    measure('design: ensemble of four models', designOne('cosmic-ensemble')),
  ];
}
