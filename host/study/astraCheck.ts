import { OUTPUT } from '../../kernels/outputs.js';
import { CosmicError } from '../../psa/errors.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator } from '../designs.js';
import { astraTimeNs } from '../export/astraFiles.js';
import { astraExport } from '../export/astraRecord.js';

/** Step time of the default over that of a design, by both profiles. */
export interface AstraCheck {
  readonly defaultProfile: number;
  /** Undefined where ASTRA-sim does not come to an end. */
  readonly astraSim: number | undefined;
}

/** @returns undefined where ASTRA-sim cannot express the workload */
export function astraCheck(space: CompiledSpace, reference: Float64Array, best: Float64Array): AstraCheck | undefined {
  const evaluate = designEvaluator(space);
  const timeUs = (design: Float64Array) => evaluate(design).outputs[OUTPUT.timeUs]!;
  try {
    const [before, after] = [reference, best].map((design) => astraTimeNs(astraExport(space, design, '').record));
    return {
      defaultProfile: timeUs(reference) / timeUs(best),
      astraSim: before === undefined || after === undefined ? undefined : before / after,
    };
  } catch (error) {
    if (error instanceof CosmicError) return undefined;
    throw error;
  }
}
