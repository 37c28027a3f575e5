import { OUTPUT } from '../../kernels/outputs.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { EvaluatedDesign } from '../designs/designs.js';
import { rulesOf } from '../profiles/profiles.js';

/** Below designs whose model seems to use more than the peak: why, as the profile counts. */
export function overPeakLines(
  { workload }: CompiledSpace,
  shown: readonly Pick<EvaluatedDesign, 'outputs'>[],
): string[] {
  return shown.some(({ outputs }) => outputs[OUTPUT.mfu]! > 1) ? [rulesOf(workload).overPeak] : [];
}
