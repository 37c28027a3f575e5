/** Days, NPU-hours, energy and goodput of jobs whose papers tell them. */
import { describe, expect, it } from 'vitest';
import { designEvaluator, namedOutputs } from '../host/designs/designs.js';
import { OUTPUT } from '../kernels/outputs.js';
import { createDeriver } from '../kernels/quantities/derive.js';
import { compileDesign, loadDefault } from '../psa/defaults.js';

interface Job {
  readonly system: string;
  readonly software?: string;
  readonly model: string;
  readonly set: readonly string[];
}

function outputsOf({ system, software, model, set }: Job) {
  const space = compileDesign(loadDefault(system, model, set, undefined, software));
  return namedOutputs(designEvaluator(space)(space.fixed).outputs);
}

/** The same where the step takes as long as it was measured to, and NPUs are always busy. */
function withStep(job: Job, stepS: number) {
  const space = compileDesign(loadDefault(job.system, job.model, job.set, undefined, job.software));
  const { design, outputs } = designEvaluator(space)(space.fixed);
  outputs[OUTPUT.timeUs] = stepS * 1e6;
  outputs[OUTPUT.busyUs] = stepS * 1e6;
  createDeriver(space)!(design, outputs, 0);
  return namedOutputs(outputs);
}

function expectWithin(share: number, value: number, published: number): void {
  expect(Math.abs(value / published - 1), `${value} of ${published}`).toBeLessThanOrEqual(share);
}

/**
 * Llama 3 405B (arXiv 2407.21783): 15.6 T tokens, 16 M a step; at 16,384 H100 tp 8, pp 16, dp 128, table 4. Its 126 layers do not
 * make 16 stages of eight chunks, which it has by leaving out one at either end: seven are the most that are expressed. The paper
 * writes checkpoints to storage that sustains 2 TB/s. Of what its trainer overlaps it names sends between stages and traffic of FSDP,
 * and no pieces of tensor-parallel traffic beside products, which NVIDIA's recipes have.
 */
const LLAMA3: Job = {
  system: 'h100-sxm',
  software: 'megatron-core',
  model: 'llama3-405b',
  set: [
    ...['system.npus=16384', 'workload.tp=8', 'workload.pp=16', 'workload.batch=2048', 'workload.weightSharding=zero2'],
    ...['workload.pipelineSchedule=interleaved', 'workload.virtualStages=7', 'workload.tensorPipelining=0'],
    ...['job.tokens=15.6e12', 'job.storageGBps=2000'],
  ],
};

/** GPT-3 175B on 1,024 A100 with 300 B tokens, batches of 1,536, all activations recomputed (arXiv 2104.04473, 5.1 and 3.1). */
const GPT3: Job = {
  system: 'dgx-a100',
  model: 'gpt3-175b',
  set: [
    ...['system.npus=1024', 'workload.tp=8', 'workload.pp=8', 'workload.batch=1536', 'workload.recomputation=full'],
    'job.tokens=300e9',
  ],
};

describe('jobs from a step that is simulated', () => {
  it('Llama 3 405B takes its 30.84 M H100-hours within 15 %, with its failures', () => {
    const outputs = outputsOf(LLAMA3);
    // 419 interruptions in 54 days: one in 3.09 hours.
    expectWithin(0.01, outputs.mtbfHours, (54 * 24) / 419);
    expectWithin(0.15, outputs.npuHours, 30.84e6);
    // "Higher than 90 %" of the time is effective.
    expect(outputs.goodput).toBeGreaterThan(0.88);
    expect(outputs.goodput).toBeLessThan(0.95);
    // Its model card counts 700 W a GPU, so no less than 21.6 GWh.
    expect(outputs.energyKWh).toBeGreaterThan(0.85 * 30.84e6 * 0.7);
  });

  it('GPT-3 175B takes the 34 days of Megatron-LM within 15 %', () => {
    expectWithin(0.15, outputsOf(GPT3).days, 34);
  });
});

/** DeepSeek-V3 with what its report says of its schedule (arXiv 2412.19437, 3.1, 3.2 and 4.2). */
const DEEPSEEK: Job = {
  system: 'h800-sxm',
  software: 'megatron-core',
  model: 'deepseek-v3',
  set: [
    ...['system.npus=2048', 'workload.pp=16', 'workload.ep=64', 'workload.batch=15360', 'job.tokens=14.8e12'],
    ...['workload.pipelineSchedule=dualPipe', 'workload.expertOverlap=on', 'workload.precision=fp8Block'],
    ...['workload.expertDispatch=byNode', 'model.mtpLayers=1'],
  ],
};

it('DeepSeek-V3 takes the GPU hours of its report within 15 %', () => {
  expectWithin(0.15, outputsOf(DEEPSEEK).npuHours, 2.664e6);
});

describe('jobs from a step that was measured', () => {
  it('6·N·tokens: 175 B parameters, 300 B tokens, 1,024 NPUs at 140 TFLOP/s and a quarter of it recomputed', () => {
    // Equation 4 of arXiv 2104.04473: 8·T·P/(n·X) seconds, of which 6 are the model and 2 recomputation; 34 days.
    const seconds = (8 * 300e9 * 175e9) / (1024 * 140e12);
    const stepS = (8 * 1536 * 2048 * 175e9) / (1024 * 140e12);
    const outputs = withStep(GPT3, stepS);
    expect(outputs.days).toBeCloseTo(seconds / 86_400, 3);
    expectWithin(0.01, outputs.days, 34);
    expectWithin(1e-9, outputs.npuHours, (1024 * seconds) / 3600);
  });

  it('LLaMA 65B: 1.4 T tokens at 380 a second and A100 are 1,022,362 GPU-hours, 449 MWh and 173 t', () => {
    // arXiv 2302.13971, sections 2.4 and 6: 400 W a GPU, 1.1 of overhead, 0.385 kg/kWh.
    const llama: Job = {
      system: 'a100-80gb',
      model: 'llama-65b-128k',
      set: [
        ...['system.npus=2048', 'model.seq=2048', 'workload.batch=2048', 'job.tokens=1.4e12'],
        ...['power.overhead=1.1', 'power.gridGramsPerKWh=385'],
      ],
    };
    const outputs = withStep(llama, 2048 / 380);
    expectWithin(0.002, outputs.npuHours, 1_022_362);
    expectWithin(0.003, outputs.energyKWh, 449_000);
    expectWithin(0.005, outputs.carbonTonnes, 173);
  });

  it('DeepSeek-V3: 180 K H800-hours a trillion tokens are 2.664 M hours, 54 days and $ 5.328 M', () => {
    // arXiv 2412.19437, table 1 and 1: 2,048 H800, 14.8 T tokens, $ 2 an hour; a step of 15,360 sequences of 4,096.
    const deepseek: Job = {
      system: 'h800-sxm',
      model: 'deepseek-v3',
      set: [
        ...['system.npus=2048', 'workload.pp=16', 'workload.ep=64', 'workload.batch=15360', 'job.tokens=14.8e12'],
        'prices.npuHourUsd=2',
      ],
    };
    const outputs = withStep(deepseek, (180e3 * 3600 * 15_360 * 4096) / 1e12 / 2048);
    expectWithin(1e-9, outputs.npuHours, 2.664e6);
    expectWithin(1e-9, outputs.jobUsd, 5.328e6);
    expect(outputs.days).toBeCloseTo(54.2, 1);
  });
});
