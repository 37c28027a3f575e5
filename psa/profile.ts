import type { Place } from './document.js';
import { CosmicError } from './errors.js';
import type { ModelPhase, Profile, Workload } from './space.js';

/** What of a phase a profile does not cover; undefined where it covers it. */
const STRANGERS: Readonly<Record<Profile, (phase: ModelPhase) => string | undefined>> = {
  default: () => undefined,
  'astra-sim': ({ phase, experts, kvRank, embedDim, hidden, layerPattern, attentionGate }) => {
    if (layerPattern !== '') return 'has layers of several kinds of blocks';
    if (experts > 1) return 'has experts';
    if (kvRank > 0) return 'has latent attention';
    if (attentionGate) return 'has attention with gates';
    if (embedDim !== hidden) return 'has a token table of another width';
    return phase === 'training' ? undefined : `is ${phase}`;
  },
};

/**
 * The workload under a profile.
 *
 * @throws CosmicError ARGUMENT where the profile does not cover it: astra-sim is the training of dense transformers
 */
export function withProfile(workload: Workload, profile: Profile | undefined, place: Place): Workload {
  if (profile === undefined || profile === 'default') return workload;
  for (const phase of workload.phases) {
    const what = STRANGERS[profile](phase);
    if (what === undefined) continue;
    throw new CosmicError('ARGUMENT', `the ${profile} profile does not cover ${phase.model}, which ${what}`, {
      ...place,
      remedy: 'use a dense model in training, such as gpt3-175b, or the default profile',
    });
  }
  return { ...workload, profile };
}

/** @throws CosmicError ARGUMENT where what is asked for belongs to another profile than the workload's */
export function requireProfile({ profile = 'default' }: Workload, wanted: Profile): void {
  if (profile === wanted) return;
  throw new CosmicError('ARGUMENT', `this explanation is of the ${wanted} profile, the workload has ${profile}`, {
    remedy: 'ask for operationTables, which every profile has',
  });
}
