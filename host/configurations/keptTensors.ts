/** Tensors that layers which are recomputed whole keep all the same: policies of JAX's programs, which the frameworks here have no words for. */
import { KEPT_TENSORS } from '../../kernels/workload/operation.js';
import { notExpressible } from '../export/designValues.js';
import type { Row } from './row.js';

export const KEPT_TARGETS = KEPT_TENSORS.map((tensor) => `workload.${tensor}` as const);

const NONE = Object.fromEntries(KEPT_TARGETS.map((target) => [target, 'off']));

/** The row of a framework that has none. */
export function keptTensorsRow(format: string): Row {
  return {
    settings: [],
    targets: KEPT_TARGETS,
    read: () => NONE,
    write: ({ values }) => {
      const kept = KEPT_TARGETS.find((target) => values.text(target) !== 'off');
      if (kept === undefined || values.text('workload.recomputation') !== 'full') return [];
      throw notExpressible(`recomputation but for a tensor (${kept})`, format, `add --set ${kept}=off`);
    },
  };
}
