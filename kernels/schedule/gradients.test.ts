import { describe, expect, test } from 'vitest';
import { CODE, compilePsa, digitsToDesign, loadPsa, SLOT } from '../../psa/index.js';
import { randomNumbers } from '../../test/randomSpaces.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const DESIGNS = 4000;
/** Sums in another order. */
const ROUNDING = 1 + 1e-9;

const PAIRS = [
  ['cosmic-1024', 'mixtral-8x7b'],
  ['dgx-a100', 'llama-7b'],
] as const;

describe.each(PAIRS)('overlapped gradients with FIFO, %s and %s', (system, model) => {
  const space = compilePsa(loadPsa('cosmic-extended', { system, model }));
  const simulate = createSimulator(space.workload, space.tiers);
  const random = randomNumbers(1);
  const { layers } = space.workload.phases[0]!;

  /** Has each stage one layer at most, its own and, of DualPipe, its mirror's counted, and wherever embedding and head count? */
  function oneLayerEach(design: Float64Array): boolean {
    const { pp, embeddingLayers, headLayers, pipelineSchedule } = SLOT.workload;
    if (design[embeddingLayers]! + design[headLayers]! > 0) return false;
    return design[pp]! >= layers && design[pipelineSchedule] !== CODE.workload.pipelineSchedule.dualPipe;
  }

  /** Time and exposed traffic of replicas of a random design, overlapped and not, us. */
  function draw() {
    const design = digitsToDesign(
      space,
      space.genes.map(({ size }) => Math.floor(random() * size)),
    );
    design[SLOT.collective.schedulingPolicy] = CODE.collective.schedulingPolicy.FIFO;
    const run = (overlap: 'on' | 'off') => {
      const outputs = new Float64Array(OUTPUT_COUNT);
      design[SLOT.workload.gradientOverlap] = CODE.workload.gradientOverlap[overlap];
      simulate(design, outputs, 0);
      return { timeUs: outputs[OUTPUT.timeUs]!, exposedUs: outputs[OUTPUT.exposedDpUs]! };
    };
    return { stages: design[SLOT.workload.pp]!, single: oneLayerEach(design), on: run('on'), off: run('off') };
  }

  test('cost no stage more than all that it has to send', () => {
    let [alone, singles, slower] = [0, 0, 0];
    for (let i = 0; i < DESIGNS; i++) {
      const { stages, single, on, off } = draw();
      expect(on.exposedUs).toBeLessThanOrEqual(stages * off.exposedUs * ROUNDING);
      // Nothing of a stage of one layer is sent before its last pass has ended.
      if (stages === 1 || single) expect(on.timeUs).toBeLessThanOrEqual(off.timeUs * ROUNDING);
      if (stages === 1) alone++;
      if (single) singles++;
      if (on.timeUs > off.timeUs * ROUNDING) slower++;
    }
    for (const count of [alone, singles, slower]) expect(count).toBeGreaterThan(DESIGNS / 100);
  });
});
