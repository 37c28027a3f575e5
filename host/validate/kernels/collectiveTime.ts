/** Time of a single collective on a machine. */
import { collectiveUs, openChannels } from '../../../kernels/collective/collective.js';
import { layAxes, readNetwork } from '../../../kernels/network/network.js';
import { createStates, type State } from '../../../kernels/state.js';
import { CHANNEL_GROUPS, COLLECTIVE, GROUP } from '../../../kernels/workload/operation.js';
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

/** The overrides that make a group's GPUs all one tensor-parallel group. */
function overridesOf({ inner, outer, set }: Group): string[] {
  const gpus = inner * outer;
  return [
    `system.npus=${gpus}`,
    `network.npus[0]=${inner}`,
    `workload.tp=${gpus}`,
    ...['dp', 'sp', 'pp', 'ep'].map((axis) => `workload.${axis}=1`),
    ...set,
  ];
}

/**
 * The network of a group.
 *
 * @example
 * new GroupNetwork({ machine: 'h100-sxm', inner: 8, outer: 2, set: [] }).collectiveUs('allReduce', 2 ** 30);
 */
export class GroupNetwork {
  private readonly state: State;

  /** @throws CosmicError as `loadDefault` */
  constructor(group: Group) {
    const space = compileDesign(loadDefault(group.machine, 'gpt3-175b', overridesOf(group)));
    [this.state] = createStates(space.workload, space.tiers) as [State];
    this.state.design = space.fixed;
    this.read();
  }

  /** Gives slots of the design other values. */
  set(slots: readonly number[], values: readonly number[]): void {
    slots.forEach((slot, i) => {
      this.state.design[slot] = values[i]!;
    });
    this.read();
  }

  /**
   * Time of a collective, us.
   *
   * @param bytes the whole buffer
   */
  collectiveUs(collective: CollectiveName, bytes: number): number {
    const channel = COLLECTIVE[collective] * CHANNEL_GROUPS + GROUP.tp;
    openChannels(this.state, 1 << channel, 1 << GROUP.tp, 1 << GROUP.tp);
    return collectiveUs(this.state, channel, bytes * 1e-6);
  }

  private read(): void {
    readNetwork(this.state);
    layAxes(this.state);
  }
}

/** The networks of groups, each made when the first row of a table asks for it. */
export class GroupNetworks {
  private readonly opened = new Map<string, GroupNetwork>();

  /**
   * Time of a collective over a group, us.
   *
   * @param bytes the whole buffer
   * @throws CosmicError as `loadDefault`
   */
  collectiveUs(group: Group, collective: CollectiveName, bytes: number): number {
    const key = [group.machine, ...overridesOf(group)].join(' ');
    const network = this.opened.get(key) ?? new GroupNetwork(group);
    this.opened.set(key, network);
    return network.collectiveUs(collective, bytes);
  }
}
