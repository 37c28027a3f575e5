/** The spaces that agents are studied on; the optimum of each is known for certain. */
export interface StudySpace {
  readonly name: string;
  /** A preset, with overrides. */
  readonly preset: string;
  readonly set: readonly string[];
}

export const STUDY_SPACES: readonly StudySpace[] = [
  { name: 'workload', preset: 'cosmic-workload', set: [] },
  { name: 'collective', preset: 'cosmic-collective', set: [] },
  { name: 'network', preset: 'cosmic-network', set: [] },
  // All stacks with all values: 18,977,587,200,000 designs.
  { name: 'whole', preset: 'cosmic-full', set: [] },
  {
    // All stacks at once, fewer values of each: 93,716,480 designs.
    name: 'full',
    preset: 'cosmic-full',
    set: [
      'collective.schedulingPolicy=LIFO',
      'collective.chunks=2,16',
      'collective.algorithm=ring,halvingDoubling',
      'network.topology=Ring,FullyConnected',
      'network.bandwidthGBps=100,500',
    ],
  },
];
