/** Runs that are proofs: their certificates written and read back, and what they found. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PlainData } from '../../agents/agent.js';
import { CosmicError } from '../../psa/errors.js';
import { readText } from '../../psa/files.js';
import { digitsToOrdinal, ordinalToDigits } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Evaluator } from '../backends/evaluator.js';
import { baselineOf } from '../designs/baseline.js';
import { rulesOf } from '../profiles/profiles.js';
import {
  boxLine,
  CERTIFICATE_FORMAT,
  type CertificateHeader,
  claimSchema,
  headerSchema,
  parseBoxLine,
  parseLine,
  unreadable,
} from '../proof/certificate.js';
import { CertificateFile } from '../proof/certificateFile.js';
import type { Certificate } from '../proof/check.js';
import { excludedDesigns, type Incumbent, newProof, type ProofState } from '../proof/proofState.js';
import { boundOf, canProve, isProven, openBoxes, prove } from '../proof/prove.js';
import { rootsOf } from '../proof/roots.js';
import { search } from '../search/search.js';
import { type Winner, winnerEvaluator } from '../search/winners.js';
import type { Findings, RunProof } from './findings.js';
import { fingerprint } from './fingerprint.js';
import { type ProofSettings, type SpaceReference, spaceSchema } from './manifest.js';
import { type OpenSpace, reopenSpace } from './openSpace.js';
import type { Watch } from './progress.js';
import { proofFromPlain, proofToPlain, type SavedProof } from './proofCheckpoint.js';
import type { Run } from './run.js';
import { type CheckpointName, type RunFolder, requireCheckpoint } from './runFolder.js';
import { goalOf } from './settings.js';
import { cosmicVersion } from './version.js';

const CERTIFICATE = 'certificate.jsonl';

/** Smaller spaces need no search for a design to begin with. */
const SEARCHED_FROM = 1_000_000n;

function proofOfState(space: CompiledSpace, settings: ProofSettings, state: ProofState): RunProof {
  return { settings, state, roots: rootsOf(space, rulesOf(space.workload).singleGenes(space)).count };
}

/**
 * The proof of a run, as far as it is.
 *
 * @throws CosmicError RUN_MISMATCH where it is none or has no results yet
 */
export function proofOf(run: RunFolder, { space }: OpenSpace): RunProof {
  const { settings } = run.manifest;
  if (settings.kind !== 'proof') {
    throw new CosmicError('RUN_MISMATCH', `the run is a ${settings.kind}, not a proof`, {
      file: run.path,
      remedy: 'name a run of cosmic prove',
    });
  }
  return proofFrom(requireCheckpoint(run), space, settings, run.path);
}

/** A proof that was saved. */
export function proofFrom(saved: PlainData, space: CompiledSpace, settings: ProofSettings, path: string): RunProof {
  return proofOfState(space, settings, proofFromPlain(saved, space, path).state);
}

/** The best design of a proof; undefined where none is known. */
export function proofWinner(space: CompiledSpace, { state, settings }: RunProof): Winner | undefined {
  const { incumbent, designs } = state;
  if (incumbent === undefined) return undefined;
  const ties = Math.max(1, Number(designs.optimal));
  return winnerEvaluator(space, goalOf(space, settings))(digitsToOrdinal(space, incumbent.digits), ties);
}

/** What a proof came to. */
export function proofFindings({ psa, space }: OpenSpace, proof: RunProof): Findings {
  const { state, settings, roots } = proof;
  const goal = goalOf(space, settings);
  const winner = proofWinner(space, proof);
  const winners = winner === undefined ? [] : [winner];
  return {
    goal,
    winners,
    kept: winners,
    pareto: [],
    searches: [],
    sweeps: [],
    proof,
    evaluated: BigInt(state.evaluated),
    feasible: BigInt(state.feasible),
    byReason: [],
    byLimit: [],
    nearest: undefined,
    finished: isProven(state, roots),
    baseline: baselineOf(psa, goal.objectives),
  };
}

/** A design to begin with: what a short search finds. */
export async function firstIncumbent(evaluator: Evaluator, settings: ProofSettings): Promise<Incumbent | undefined> {
  const { space } = evaluator;
  const { evaluations, seed } = settings;
  if (evaluations === 0 || space.count < SEARCHED_FROM) return undefined;
  const goal = goalOf(space, settings);
  const { best } = await search(evaluator, {
    agent: 'ga',
    evaluations,
    seed,
    objective: goal.first,
    limits: goal.limits,
    top: 1,
  });
  const evaluate = winnerEvaluator(space, goal);
  const winners = best.flatMap(({ ordinals }) => evaluate(BigInt(ordinals[0]!), 1) ?? []);
  return incumbentOf(space, winners.sort((a, b) => a.objectives[0]! - b.objectives[0]!)[0]);
}

/** A design that was found, to begin a proof with. */
export function incumbentOf(space: CompiledSpace, winner: Winner | undefined): Incumbent | undefined {
  return winner && { digits: ordinalToDigits(space, winner.ordinal), value: winner.objectives[0]! };
}

function headerLine(space: CompiledSpace, reference: SpaceReference, settings: ProofSettings): string {
  const { objective, constraints, gap } = settings;
  const header: CertificateHeader = {
    certificate: CERTIFICATE_FORMAT,
    cosmic: cosmicVersion,
    space: reference,
    objective,
    constraints,
    gap,
    genes: space.genes.map(({ name, size }) => ({ name, size })),
  };
  return `${JSON.stringify(header)}\n`;
}

function claimLine(space: CompiledSpace, { incumbent, designs, optimalAtLeast, closed }: ProofState): string {
  const claim = {
    best:
      incumbent === undefined
        ? null
        : { ordinal: digitsToOrdinal(space, incumbent.digits).toString(), value: incumbent.value },
    optimal: designs.optimal.toString(),
    atLeast: optimalAtLeast,
    designs: space.count.toString(),
    boxes: closed,
  };
  return `${JSON.stringify({ claim })}\n`;
}

/** How far a proof went, and its last checkpoint. */
interface Advanced {
  readonly proof: RunProof;
  readonly checkpoint: PlainData;
}

/**
 * Goes on with a proof, or begins it.
 *
 * @param name of its checkpoint
 * @param begin finds a design to begin with
 */
export async function advanceProof(
  run: Run,
  settings: ProofSettings,
  evaluator: Evaluator,
  { checkpoints, onProgress }: Watch,
  name: CheckpointName,
  begin: () => Promise<Incumbent | undefined>,
): Promise<Advanced> {
  const { space, folder, reference } = run;
  if (!canProve(evaluator)) {
    throw new CosmicError('BACKEND_LIMIT', `${evaluator.backend} has no bounds`, {
      remedy: 'use --backend cpu or webgpu',
    });
  }
  const saved = folder.readCheckpoint(name);
  const before: SavedProof | undefined = saved === undefined ? undefined : proofFromPlain(saved, space, folder.path);
  const state = before?.state ?? newProof(await begin());
  const { roots } = proofOfState(space, settings, state);
  const tell = () =>
    onProgress({
      evaluated: Number(excludedDesigns(state)),
      total: Number(space.count),
      best: state.incumbent?.value,
      feasibleShare: undefined,
      proof: { bound: boundOf(state, roots), open: openBoxes(state, roots), bounded: state.bounded },
    });
  const file = new CertificateFile(join(folder.path, CERTIFICATE), before?.certificateBytes ?? 0);
  const plain = () => proofToPlain(space, { state, certificateBytes: file.flush() });
  try {
    if (before === undefined) file.append(headerLine(space, reference, settings));
    const wasProven = isProven(state, roots);
    tell();
    await prove(space, goalOf(space, settings), evaluator, state, {
      gap: settings.gap,
      signal: checkpoints.signal,
      onClosed: (box) => file.append(boxLine(space, box)),
      onWave: async () => {
        tell();
        await checkpoints.offer(plain, name);
      },
    });
    if (!wasProven && isProven(state, roots)) file.append(claimLine(space, state));
    return { proof: proofOfState(space, settings, state), checkpoint: plain() };
  } finally {
    file.close();
  }
}

/** A certificate, with the space that it is about. */
export interface ReadCertificate extends Certificate {
  readonly file: string;
  readonly header: CertificateHeader;
}

/**
 * Reads a certificate.
 *
 * @param path its file, or the folder of its run
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, with file and line
 * @example
 * checkCertificate(readCertificate('runs/mine'), 10_000, 0).faults; // []
 */
export function readCertificate(path: string): ReadCertificate {
  const file = existsSync(join(path, CERTIFICATE)) ? join(path, CERTIFICATE) : path;
  const lines = readText(file, 'name a certificate or a run of cosmic prove').trimEnd().split('\n');
  const header = headerSchema.safeParse(parseLine(lines[0]!, file, 1));
  if (!header.success) throw unreadable('the line is no header of a certificate', file, 1);
  const reference = spaceSchema.safeParse(header.data.space);
  if (!reference.success) throw unreadable('the header names no space', file, 1);
  const { space } = reopenSpace(reference.data, file);
  if (fingerprint(space) !== reference.data.fingerprint) throw unreadable('the space is not what it was', file, 1);
  const claim = claimSchema.safeParse(parseLine(lines.at(-1)!, file, lines.length));
  if (!claim.success) throw unreadable('the last line is no claim: the proof is not at its end', file, lines.length);
  const { objective, constraints, gap } = header.data;
  const settings = { kind: 'proof', objective, constraints, gap, evaluations: 0, seed: 0 } as const;
  return {
    file,
    header: header.data,
    space,
    goal: goalOf(space, settings),
    gap,
    boxes: lines.slice(1, -1).map((line, i) => parseBoxLine(space, line, file, i + 2)),
    claim: claim.data.claim,
  };
}
