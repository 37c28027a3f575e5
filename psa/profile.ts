import type { Place } from './document.js';
import { CosmicError } from './errors.js';
import type { Profile, Workload } from './space.js';

/**
 * The workload under a profile.
 *
 * @throws CosmicError ARGUMENT where the profile does not cover it: astra-sim is the training of dense transformers
 */
export function withProfile(workload: Workload, profile: Profile | undefined, place: Place): Workload {
  if (profile === undefined || profile === 'default') return workload;
  const stranger = workload.phases.find(({ phase, experts }) => phase !== 'training' || experts > 1);
  if (stranger !== undefined) {
    const what = stranger.experts > 1 ? 'has experts' : `is ${stranger.phase}`;
    throw new CosmicError('ARGUMENT', `the ${profile} profile does not cover ${stranger.model}, which ${what}`, {
      ...place,
      remedy: 'use a dense model in training, such as gpt3-175b, or the default profile',
    });
  }
  return { ...workload, profile };
}

/** @throws CosmicError BACKEND_LIMIT where a backend other than the CPU is to follow ASTRA-sim */
export function requireDefaultProfile({ profile = 'default' }: Workload, backend: string): void {
  if (profile === 'default') return;
  throw new CosmicError(
    'BACKEND_LIMIT',
    `${backend} does not have the ${profile} profile, which is in whole nanoseconds`,
    {
      remedy: 'use --backend cpu',
    },
  );
}
