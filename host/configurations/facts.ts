/** What rules look at: the numbers of a job, whether they make a design or not. */
import type { ParameterName } from '../../psa/parameters.js';
import type { ModelPhase } from '../../psa/space.js';

export interface Facts {
  readonly npus: number;
  readonly model: ModelPhase;
  /** As a PsA writes it: a number, or the name of a category or of 0. */
  readonly value: (name: ParameterName) => number | string;
  /** The number; 0 where it has a name. */
  readonly number: (name: ParameterName) => number;
  readonly text: (name: ParameterName) => string;
}

/** Replicas; a fraction where the other degrees do not divide the NPUs. */
export function replicas({ npus, number }: Facts): number {
  return npus / modelNpus({ number });
}

/** NPUs of a replica. */
export function modelNpus({ number }: Pick<Facts, 'number'>): number {
  return number('workload.tp') * number('workload.sp') * number('workload.pp');
}

/** Model chunks of a stage. */
export function chunks({ number, text }: Facts): number {
  return text('workload.pipelineSchedule') === 'interleaved' ? number('workload.virtualStages') : 1;
}

/** Layers that stages share, with embedding and head where they count as layers. */
export function stagedLayers({ model, number }: Facts): number {
  return model.layers + number('workload.embeddingLayers') + number('workload.headLayers');
}
