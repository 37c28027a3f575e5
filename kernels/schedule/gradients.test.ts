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
    const { pp, embeddingLayers, headLayers, firstStageLayers, lastStageLayers, pipelineSchedule } = SLOT.workload;
    if (design[embeddingLayers]! + design[headLayers]! > 0) return false;
    if (design[firstStageLayers]! + design[lastStageLayers]! > 0) return false;
    return design[pp]! >= layers && design[pipelineSchedule] !== CODE.workload.pipelineSchedule.dualPipe;
  }

  /** What all stages send, in that of the first, whose own is exposed where nothing overlaps: more than their number where it has fewer layers. */
  function sendsOfAll(design: Float64Array): number {
    const { pp, firstStageLayers } = SLOT.workload;
    const stated = design[pp]! > 1 ? design[firstStageLayers]! : 0;
    return stated > 0 ? Math.max(design[pp]!, layers / stated) : design[pp]!;
  }

  /** Time and exposed traffic of replicas of a random design, overlapped and not, us. */
  function draw() {
    const design = digitsToDesign(
      space,
      space.genes.map(({ size }) => Math.floor(random() * size)),
    );
    design[SLOT.collective.schedulingPolicy] = CODE.collective.schedulingPolicy.FIFO;
    // Stages of one layer each are rare enough without ends that are said, too.
    if (random() < 0.8) design.fill(0, SLOT.workload.firstStageLayers, SLOT.workload.lastStageLayers + 1);
    const run = (overlap: 'on' | 'off') => {
      const outputs = new Float64Array(OUTPUT_COUNT);
      design[SLOT.workload.gradientOverlap] = CODE.workload.gradientOverlap[overlap];
      simulate(design, outputs, 0);
      return { timeUs: outputs[OUTPUT.timeUs]!, exposedUs: outputs[OUTPUT.exposedDpUs]! };
    };
    return {
      stages: design[SLOT.workload.pp]!,
      sends: sendsOfAll(design),
      single: oneLayerEach(design),
      on: run('on'),
      off: run('off'),
    };
  }

  test('cost no stage more than all that it has to send', () => {
    let [alone, singles, slower] = [0, 0, 0];
    for (let i = 0; i < DESIGNS; i++) {
      const { stages, sends, single, on, off } = draw();
      expect(on.exposedUs).toBeLessThanOrEqual(sends * off.exposedUs * ROUNDING);
      // Nothing of a stage of one layer is sent before its last pass has ended.
      if (stages === 1 || single) expect(on.timeUs).toBeLessThanOrEqual(off.timeUs * ROUNDING);
      if (stages === 1) alone++;
      if (single) singles++;
      if (on.timeUs > off.timeUs * ROUNDING) slower++;
    }
    for (const count of [alone, singles, slower]) expect(count).toBeGreaterThan(DESIGNS / 100);
  });
});
