/** Measured collectives: what nccl-tests printed on the machine. */
import { CosmicError } from '../../psa/errors.js';
import type { System } from '../../psa/system.js';
import { GroupNetwork } from '../validate/kernels/collectiveTime.js';
import { WHOLE_NODES } from '../validate/measured/prediction.js';
import { CONSTANTS, type MachineConstant, valueIn } from './constants.js';
import { decidable, type Evidence } from './evidence.js';
import type { UnusedRow } from './kernelEvidence.js';
import { type Constants, overridesOf, startOf } from './machine.js';
import type { NcclRun } from './ncclTests.js';

/** Of smaller buffers NCCL's other protocols take less than a ring's messages do; steps have few of them. */
const LEAST_BYTES = 65_536;

/** GPUs of each domain, and domains. */
function domainsOf({ file, gpus, nodes }: NcclRun, system: System): readonly [inner: number, outer: number] {
  const domain = system.defaults.get('network.npus')![0];
  if (domain !== undefined && domain > WHOLE_NODES) return gpus <= domain ? [gpus, 1] : [domain, gpus / domain];
  if (gpus % nodes === 0 && gpus / nodes <= (domain ?? gpus)) return [gpus / nodes, nodes];
  throw new CosmicError('SCHEMA', `${gpus} ranks on ${nodes} hosts are no whole nodes of ${system.name}`, {
    file,
    line: 1,
    remedy: `run the program on whole nodes, or describe the machine: --machine FILE with network.npus of a node`,
  });
}

interface Timed {
  readonly run: NcclRun;
  readonly bytes: number;
  readonly timeUs: number;
  readonly line: number;
}

/** Reductions in switches, of all-reduces, have a constant of their own. */
function constantsOf(where: 'inside' | 'between', timed: readonly Timed[], system: System): MachineConstant[] {
  const reduces = timed.filter(({ run }) => run.collective === 'allReduce').length;
  const [inSwitch] = CONSTANTS['reductions in switches inside'];
  const own = decidable(CONSTANTS[`collectives ${where}`], timed.length);
  const asWell =
    where === 'inside' && decidable([inSwitch], reduces).length > 0 && (valueIn(system, inSwitch) ?? 0) > 0;
  return asWell ? [...own, inSwitch] : [...own];
}

/**
 * What runs say of the network inside a node, then between nodes.
 *
 * @param machine preset or file
 * @param known constants as they are when a kind's turn comes
 * @throws CosmicError SCHEMA where a run is not of whole nodes
 */
export function* collectiveEvidence(
  runs: readonly NcclRun[],
  machine: string,
  system: System,
  known: Constants,
  unused: UnusedRow[],
): Generator<Evidence> {
  for (const where of ['inside', 'between'] as const) {
    const own = runs.filter((run) => domainsOf(run, system)[1] > 1 === (where === 'between'));
    const sizes = own.flatMap((run) => run.sizes.map((size): Timed => ({ run, ...size })));
    const timed = sizes.filter(({ bytes }) => bytes >= LEAST_BYTES);
    for (const { run, bytes } of sizes) {
      if (bytes < LEAST_BYTES) unused.push({ file: run.file, reason: 'buffers below 64 KiB' });
    }
    if (timed.length === 0) continue;
    const constants = constantsOf(where, timed, system);
    const set = ['network.reductionShare=0', ...overridesOf(known)];
    const networks = new Map(
      own.map((run) => {
        const [inner, outer] = domainsOf(run, system);
        return [run, new GroupNetwork({ machine, inner, outer, set })];
      }),
    );
    yield {
      name: where === 'inside' ? 'collectives inside a node' : 'collectives between nodes',
      files: [...new Set(own.map(({ file }) => file))],
      rows: timed.map(({ run, line }) => ({ id: `${run.file}:${line}`, family: '' })),
      constants,
      start: startOf(constants, system, known),
      logErrors(values, picked) {
        const slots = constants.map(({ slot }) => slot);
        for (const network of networks.values()) network.set(slots, values);
        return picked.map((i) => {
          const { run, bytes, timeUs } = timed[i]!;
          return Math.log(networks.get(run)!.collectiveUs(run.collective, bytes) / timeUs);
        });
      },
    };
  }
}
