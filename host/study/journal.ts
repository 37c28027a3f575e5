import { existsSync, rmSync } from 'node:fs';
import { z } from 'zod';
import type { PlainData } from '../../agents/agent.js';
import type { Objective } from '../../kernels/objective/objective.js';
import type { SweepPart } from '../../kernels/reduce/reduce.js';
import { readText } from '../../psa/files.js';
import type { CompiledSpace } from '../../psa/space.js';
import { wholeSweep } from '../backends/requests.js';
import { appendLine, writeAtomically } from '../disk/files.js';
import { cosmicVersion, fingerprint } from '../runs/manifest.js';
import { partFromPlain, partToPlain } from '../runs/sweepCheckpoint.js';
import type { Optimum } from './optimum.js';
import type { History, SeededTrial } from './trials.js';

const lineSchema = z.object({ key: z.string(), history: z.array(z.tuple([z.number(), z.number()])) });

const sweepSchema = z.object({ key: z.string(), part: z.unknown() });

/** Between two writes of a sweep in progress. */
const EVERY_MS = 10_000;

/** What a study has finished, so that it goes on with the rest after an interrupt: searches, and part of a sweep. */
export class Journal {
  private readonly known = new Map<string, History>();
  private keptMs = Number.NEGATIVE_INFINITY;

  /** @param file a line of JSON per search, with a sweep in progress beside it; undefined keeps nothing */
  constructor(private readonly file?: string) {
    if (file === undefined || !existsSync(file)) return;
    for (const line of readText(file, 'remove the file').split('\n')) this.read(line);
  }

  find(optimum: Optimum, trial: SeededTrial): History | undefined {
    return this.known.get(keyOf(optimum, trial));
  }

  add(optimum: Optimum, trial: SeededTrial, history: History): void {
    if (this.file !== undefined) appendLine(this.file, JSON.stringify({ key: keyOf(optimum, trial), history }));
  }

  /** What is finished of a sweep for the best of an objective. */
  part(space: CompiledSpace, objective: Objective): SweepPart | undefined {
    if (this.file === undefined || !existsSync(this.sweepFile)) return undefined;
    const kept = sweepSchema.safeParse(JSON.parse(readText(this.sweepFile, 'remove the file')));
    if (!kept.success || kept.data.key !== sweepKey(space, objective)) return undefined;
    return partFromPlain(kept.data.part as PlainData, wholeSweep(space, [objective]), space.count, this.sweepFile);
  }

  /** Keeps what is finished of a sweep, now and then and when it is whole. */
  keepPart(space: CompiledSpace, objective: Objective, part: SweepPart): void {
    if (this.file === undefined || (performance.now() - this.keptMs < EVERY_MS && part.evaluated < space.count)) return;
    this.keptMs = performance.now();
    writeAtomically(this.sweepFile, JSON.stringify({ key: sweepKey(space, objective), part: partToPlain(part) }));
  }

  /** A finished study needs no journal: the next one begins anew. */
  remove(): void {
    if (this.file === undefined) return;
    rmSync(this.file, { force: true });
    rmSync(this.sweepFile, { force: true });
  }

  private get sweepFile(): string {
    return `${this.file}.sweep`;
  }

  private read(line: string): void {
    try {
      const { key, history } = lineSchema.parse(JSON.parse(line));
      this.known.set(key, history);
    } catch {
      // A kill may cut the last line short: that search is repeated.
    }
  }
}

function sweepKey(space: CompiledSpace, { label }: Objective): string {
  return JSON.stringify([cosmicVersion, fingerprint(space), label]);
}

function keyOf({ fingerprint, objective }: Optimum, { agent, budget, parameters = {}, seed }: SeededTrial): string {
  return JSON.stringify([cosmicVersion, fingerprint, objective, agent, budget, parameters, seed]);
}
