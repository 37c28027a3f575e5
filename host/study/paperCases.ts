/** What the study of COSMIC's paper compares (arXiv 2505.15020; its public code names the models, systems and batches). */

export interface StudyCase {
  /** Which question it belongs to. */
  readonly part: 'models' | 'workloads' | 'batches';
  readonly model: string;
  readonly system: string;
  readonly set: readonly string[];
}

const MODELS = ['gpt3-175b', 'gpt3-13b', 'vit-large', 'vit-base'];
const SYSTEMS = ['cosmic-1024', 'cosmic-512', 'cosmic-2048'];
/** The multi-model ensemble and the two inference workloads. */
const WORKLOADS = ['cosmic-ensemble', 'gpt3-175b-qa', 'gpt3-175b-chat'];
const BATCHES = [1024, 4096, 8192, 16384];

/** Performance per bandwidth, performance per network cost. */
export const REWARDS = ['time*bandwidth', 'time*cost'] as const;

/** A switch has no price in the first of four dimensions; the reference forbids it there. */
const PRICED = 'network.topology[0]=Ring,FullyConnected';

/** All cases, for the models and systems whose names are given; all without names. */
export function paperCases(models: readonly string[] = [], systems: readonly string[] = []): StudyCase[] {
  const wanted = (name: string, names: readonly string[]) => names.length === 0 || names.includes(name);
  const all: StudyCase[] = [
    ...SYSTEMS.flatMap((system) => MODELS.map((model) => ({ part: 'models' as const, model, system, set: [PRICED] }))),
    ...WORKLOADS.map((model) => ({ part: 'workloads' as const, model, system: 'cosmic-1024', set: [PRICED] })),
    ...BATCHES.map((batch) => ({
      part: 'batches' as const,
      model: 'gpt3-175b',
      system: 'cosmic-1024',
      set: [PRICED, `model.batch=${batch}`],
    })),
  ];
  return all.filter(({ model, system }) => wanted(model, models) && wanted(system, systems));
}

/** The model, and the batch where it is not the model's own. */
export function caseName({ model, set }: StudyCase): string {
  const batch = set.find((override) => override.startsWith('model.batch='));
  return batch === undefined ? model : `${model}, batch ${batch.slice('model.batch='.length)}`;
}
