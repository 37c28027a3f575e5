import type { CompiledSpace } from '../../psa/space.js';
import { rulesOf } from '../profiles/profiles.js';
import { plural } from './format.js';

/** `gpt3-175b on cosmic-1024, 512 NPUs, workload.dp=8`: what was asked for, with the profile where it is not physics. */
export function titleOf(space: CompiledSpace): string {
  const { workload, systemName, npus } = space;
  return [
    `${workload.name} on ${systemName}${rulesOf(workload).title}`,
    plural(npus, 'NPU'),
    ...overridesInForce(space),
  ].join(', ');
}

/** Each name once, as it was set last; the number of NPUs is said for itself. */
function overridesInForce({ overrides }: CompiledSpace): string[] {
  const byName = new Map(overrides.map((override) => [override.split('=', 1)[0]!, override]));
  byName.delete('system.npus');
  return [...byName.values()];
}
