/** Time of a single collective on a machine. */
import { collectiveUs, openChannels } from '../../../kernels/collective/collective.js';
import { layAxes, readNetwork } from '../../../kernels/network/network.js';
import { createStates, type State } from '../../../kernels/state.js';
import { COLLECTIVE, GROUP, GROUP_COUNT } from '../../../kernels/workload/operation.js';
import { compileDesign, loadDefault } from '../../../psa/defaults.js';

export type CollectiveName = keyof typeof COLLECTIVE;

/** GPUs that take part, in one dimension of the machine or in two. */
export interface Group {
  readonly machine: string;
  /** GPUs of each domain of the machine's innermost network. */
  readonly inner: number;
  /** Domains. */
  readonly outer: number;
  readonly set: readonly string[];
}

const opened = new Map<string, State>();

/** The network of a group, whose GPUs are all one tensor-parallel group. */
function networkOf({ machine, inner, outer, set }: Group): State {
  const gpus = inner * outer;
  const overrides = [
    `system.npus=${gpus}`,
    `network.npus[0]=${inner}`,
    `workload.tp=${gpus}`,
    ...['dp', 'sp', 'pp', 'ep'].map((axis) => `workload.${axis}=1`),
    ...set,
  ];
  const key = [machine, ...overrides].join(' ');
  const known = opened.get(key);
  if (known !== undefined) return known;
  const space = compileDesign(loadDefault(machine, 'gpt3-175b', overrides));
  const [s] = createStates(space.workload, space.tiers) as [State];
  s.design = space.fixed;
  readNetwork(s);
  layAxes(s);
  opened.set(key, s);
  return s;
}

/**
 * Time of a collective over a group, us.
 *
 * @param bytes the whole buffer
 * @throws CosmicError as `loadDefault`
 */
export function groupCollectiveUs(group: Group, collective: CollectiveName, bytes: number): number {
  const s = networkOf(group);
  const channel = COLLECTIVE[collective] * GROUP_COUNT + GROUP.tp;
  openChannels(s, 1 << channel, 1 << GROUP.tp, 1 << GROUP.tp);
  return collectiveUs(s, channel, bytes * 1e-6);
}
