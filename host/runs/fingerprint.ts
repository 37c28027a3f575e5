import { createHash } from 'node:crypto';
import type { CompiledSpace } from '../../psa/space.js';
import type { Manifest } from './manifest.js';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A hash of all that decides what an ordinal means and what its design scores. */
export function fingerprint(space: CompiledSpace): string {
  const { npus, dimensions, workload, tiers, fixed, genes } = space;
  const content = {
    npus,
    dimensions,
    workload,
    tiers,
    fixed: [...fixed],
    genes: genes.map((gene) => [gene.name, gene.slots, [...gene.table]]),
  };
  return sha256(JSON.stringify(content));
}

/** A hash of all that decides what a run comes to: two with the same do the same work. */
export function runFingerprint({
  space,
  backend,
  settings,
}: {
  readonly space: Pick<Manifest['space'], 'fingerprint'>;
  readonly backend: Pick<Manifest['backend'], 'name' | 'cpuFirst'>;
  readonly settings: Manifest['settings'];
}): string {
  const first = backend.cpuFirst === undefined ? [] : [backend.cpuFirst];
  return sha256(JSON.stringify([space.fingerprint, backend.name, ...first, settings]));
}
