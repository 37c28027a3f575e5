/** Searches that end with a proof: what was found is the first incumbent, and a better design takes its place. */
import type { Evaluator } from '../backends/evaluator.js';
import { withBounds } from '../proof/bounding.js';
import { SAME } from '../proof/proofState.js';
import { isProven } from '../proof/prove.js';
import type { Findings, RunProof, RunSearch } from './findings.js';
import type { ProofSettings, SearchSettings } from './manifest.js';
import type { OpenSpace } from './openSpace.js';
import type { Done, Watch } from './progress.js';
import { advanceProof, incumbentOf, proofFrom, proofWinner } from './proofRuns.js';
import type { Run } from './run.js';
import type { RunFolder } from './runFolder.js';
import { searchesOf, searchFindings } from './searchRuns.js';

/** The proof that a search ends with needs no search of its own. */
function proofSettingsOf({ objective, constraints = [], seed }: SearchSettings): ProofSettings {
  return { kind: 'proof', objective, constraints, gap: 0, evaluations: 0, seed };
}

/** What a search came to with its proof, as far as that is. */
function provenFindings(open: OpenSpace, searches: readonly RunSearch[], proof: RunProof | undefined): Findings {
  const findings = searchFindings(open, searches);
  if (proof === undefined) return { ...findings, finished: false };
  const finished = findings.finished && isProven(proof.state, proof.roots);
  const best = proofWinner(open.space, proof);
  const found = findings.winners[0]?.objectives[0] ?? Number.POSITIVE_INFINITY;
  if (best === undefined || best.objectives[0]! >= found * (1 - SAME)) return { ...findings, proof, finished };
  const { top } = searches[0]!.settings;
  return {
    ...findings,
    proof,
    finished,
    winners: [best, ...findings.winners].slice(0, top),
    kept: [best, ...findings.kept],
    nearest: undefined,
  };
}

/**
 * What is finished of a search that ends with a proof.
 *
 * @throws CosmicError RUN_MISMATCH where it has no results yet
 */
export function provenSearchFindings(open: OpenSpace, folder: RunFolder, settings: SearchSettings): Findings {
  const saved = folder.readCheckpoint('proof');
  const proof = saved === undefined ? undefined : proofFrom(saved, open.space, proofSettingsOf(settings), folder.path);
  return provenFindings(open, searchesOf(folder), proof);
}

/** Goes on with the proof of a search that is finished, or begins it; on the CPU where the backend has no bounds. */
export async function advanceSearchProof(
  run: Run,
  settings: SearchSettings,
  evaluator: Evaluator,
  watch: Watch,
  { findings: { searches, winners }, checkpoint }: Done,
): Promise<Done> {
  const { checkpoints } = watch;
  checkpoints.save(checkpoint);
  const begin = async () => incumbentOf(run.space, winners[0]);
  const done = await withBounds(evaluator, (bounding) =>
    advanceProof(run, proofSettingsOf(settings), bounding, watch, 'proof', begin),
  );
  checkpoints.save(done.checkpoint, 'proof');
  return { findings: provenFindings(run, searches, done.proof), checkpoint };
}
