/** A design as the configuration of a framework. */
import type { CompiledSpace } from '../../psa/space.js';
import { trainedDesign } from '../export/designValues.js';
import type { WrittenSetting } from './configurationFile.js';
import type { Framework } from './framework.js';

/** Most GPUs of a node where the machine does not say. */
const NODE = 8;

/** NPUs of a node: of the innermost dimension, where nodes of that size fill the job. */
function perNode(npus: number, innermost: number): number {
  let size = Math.min(innermost, NODE, npus);
  while (npus % size !== 0) size--;
  return size;
}

export interface ExportedConfiguration {
  readonly settings: readonly WrittenSetting[];
  /** A whole file that the framework reads, and `check` too. */
  readonly text: string;
}

/**
 * Writes a design as a framework would be told it: layout, schedule, overlaps, batches, and the model as it was simulated.
 *
 * @throws CosmicError ARGUMENT where the framework cannot do what the design does
 * @example
 * exportConfiguration(frameworkOf('megatron'), space, winner.design).text;
 */
export function exportConfiguration(
  framework: Framework,
  space: CompiledSpace,
  design: Float64Array,
): ExportedConfiguration {
  const trained = trainedDesign(space, design, framework.title);
  const settings = [...framework.rows, ...framework.modelRows].flatMap((row) => row.write(trained));
  const size = { npus: space.npus, perNode: perNode(space.npus, trained.values.numbers('network.npus')[0]!) };
  return { settings, text: framework.print(settings, size) };
}
