/** What programs ran whose memory was published, and how it was read. */
import type { Place } from '../../../psa/document.js';
import { CosmicError } from '../../../psa/errors.js';

export interface MemorySoftware {
  /** Start of the column `source`. */
  readonly source: string;
  /** Preset of the program. */
  readonly software: string;
  /** What these runs had that the program does not have by itself, as `--set` takes it. */
  readonly set: readonly string[];
  /** Of runs whose row names none. */
  readonly weightSharding: 'none' | 'zero1';
  /** Are stages balanced with the head as so many layers as it has FLOPs? */
  readonly balancesHead?: true;
  /** Was the memory allocated read at its peak, or between two steps? */
  readonly allocated: 'peak' | 'betweenSteps';
}

const SOFTWARE: readonly MemorySoftware[] = [
  {
    source: 'HF nanotron',
    software: 'nanotron',
    set: ['workload.sequenceParallel=on'],
    balancesHead: true,
    weightSharding: 'none',
    allocated: 'betweenSteps',
  },
  // arXiv 2311.05610, section 3: ZeRO-1 throughout.
  { source: 'Aleph Alpha', software: 'scaling', set: [], weightSharding: 'zero1', allocated: 'peak' },
  {
    source: 'MooreThreads/SimuMax',
    software: 'megatron-core-plain',
    set: [],
    weightSharding: 'zero1',
    allocated: 'peak',
  },
];

/** @throws CosmicError SCHEMA where nothing is known of a source's program */
export function softwareOf(source: string, place: Place): MemorySoftware {
  const known = SOFTWARE.find((one) => source.startsWith(one.source));
  if (known !== undefined) return known;
  throw new CosmicError('SCHEMA', `the program of the source '${source}' is not known`, {
    ...place,
    remedy: `use one of ${SOFTWARE.map((one) => one.source).join(', ')}`,
  });
}
