import { constants } from 'node:buffer';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { PlainData } from '../../agents/agent.js';
import { CosmicError } from '../../psa/errors.js';
import { readText } from '../../psa/files.js';
import { jsonText, parsedJson } from '../../psa/plainData.js';
import { joinProvenances } from '../backends/evaluator.js';
import { removeLeftovers, writeAtomically, writeFirst } from '../disk/files.js';
import { takeLock } from '../disk/lock.js';
import { toCsv } from './csv.js';
import { runFingerprint, sha256 } from './fingerprint.js';
import { type Manifest, readManifest } from './manifest.js';
import { toParquet } from './parquet.js';
import type { Table } from './table.js';

const MANIFEST = 'manifest.json';
/** There while a process is at work on the run. */
const LOCK = 'lock';
const { MAX_STRING_LENGTH } = constants;

/** What is finished of a run, and of the proof that a search ends with. */
const CHECKPOINTS = { run: 'checkpoint.json', proof: 'proof.json' } as const;

export type CheckpointName = keyof typeof CHECKPOINTS;

/** What is finished, and the hashes of the run that it is of and of itself. */
const checkpointSchema = z.strictObject({ run: z.string(), sha256: z.string(), state: z.custom<PlainData>() });

/**
 * A run on disk: a folder with `manifest.json` (what was asked for), `checkpoint.json` (what is finished, always whole),
 * and the results that the command writes.
 */
export class RunFolder {
  private constructor(
    readonly path: string,
    private known: Manifest,
  ) {}

  get manifest(): Manifest {
    return this.known;
  }

  /**
   * @param path of several the first that nobody has
   * @throws CosmicError ARGUMENT where the folder holds a run already, be it that another process just made it, DISK_WRITE,
   * FILE_UNREADABLE where it is no manifest
   */
  static create(path: string | Iterable<string>, manifest: Manifest): RunFolder {
    let taken = '';
    for (const folder of typeof path === 'string' ? [path] : path) {
      const file = join(folder, MANIFEST);
      const checked = readManifest(manifest, file);
      if (writeFirst(file, jsonText(checked))) return new RunFolder(folder, checked);
      taken = folder;
    }
    throw new CosmicError('ARGUMENT', 'the folder holds a run already', {
      file: taken,
      remedy: `go on with that run (--resume ${taken}), or name another folder`,
    });
  }

  /** @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, RUN_MISMATCH where another version of the format wrote it */
  static open(path: string): RunFolder {
    const file = join(path, MANIFEST);
    const plain = parseJson(file, readText(file, 'name a folder that sweep, search, start or merge wrote'));
    return new RunFolder(path, readManifest(plain, file));
  }

  static isIn(path: string): boolean {
    return existsSync(join(path, MANIFEST));
  }

  /**
   * Keeps other processes from going on with the run meanwhile; where the folder takes no file, nothing does.
   *
   * @returns lets them again
   * @throws CosmicError RUN_MISMATCH where another process is at it
   */
  lock(): () => void {
    const file = join(this.path, LOCK);
    const release = unlessFull(() => takeLock(file));
    if (release !== undefined) return release;
    throw new CosmicError('RUN_MISMATCH', 'another process is at work on the run', {
      file,
      remedy: 'wait until it has ended; where there is none, remove the file',
    });
  }

  /** Removes the temporary files of processes that were killed while they wrote here. */
  tidy(): void {
    removeLeftovers(this.path);
  }

  /**
   * Adds to the manifest what evaluated the run, unless it stands there: workers of a queue with other adapters, or another machine
   * that goes on with it. Of searches that were joined each has its own.
   *
   * @throws CosmicError DISK_WRITE; the manifest before is then still there
   */
  recordProvenance(provenance: string): void {
    const { backend, settings } = this.manifest;
    const description = joinProvenances(backend.description, provenance);
    if (settings.kind === 'searches' || description === backend.description) return;
    this.known = { ...this.manifest, backend: { ...backend, description } };
    this.writeJson(MANIFEST, this.known);
  }

  /** @throws CosmicError DISK_WRITE; the checkpoint before is then still there */
  saveCheckpoint(state: PlainData, name: CheckpointName = 'run'): void {
    const text = JSON.stringify(state);
    const hashes = { run: runFingerprint(this.manifest), sha256: sha256(text) };
    writeAtomically(join(this.path, CHECKPOINTS[name]), `${JSON.stringify(hashes).slice(0, -1)},"state":${text}}`);
  }

  /**
   * What was saved last, or undefined where nothing was.
   *
   * @throws CosmicError FILE_UNREADABLE where it is not as it was written, RUN_MISMATCH where it is of another run
   */
  readCheckpoint(name: CheckpointName = 'run'): PlainData | undefined {
    const file = join(this.path, CHECKPOINTS[name]);
    if (!existsSync(file)) return undefined;
    const checkpoint = checkpointSchema.safeParse(
      parseJson(file, readText(file, 'start a new run', MAX_STRING_LENGTH)),
    );
    if (!checkpoint.success || checkpoint.data.sha256 !== sha256(JSON.stringify(checkpoint.data.state))) {
      throw new CosmicError('FILE_UNREADABLE', 'the checkpoint is not as it was written', {
        file,
        remedy: 'put back the file that was written, or start a new run',
      });
    }
    if (checkpoint.data.run === runFingerprint(this.manifest)) return checkpoint.data.state;
    throw new CosmicError('RUN_MISMATCH', 'the checkpoint is of another run than manifest.json beside it', {
      file,
      remedy: 'put back the files that belong together, or start a new run',
    });
  }

  /** Writes a result table twice: `best` as `best.csv` and `best.parquet`. */
  writeTable(name: string, table: Table): void {
    this.write(
      `${name}.csv`,
      toCsv(
        table.columns.map(({ name }) => name),
        table.rows,
      ),
    );
    writeAtomically(join(this.path, `${name}.parquet`), toParquet(table));
  }

  /** Writes a result file. */
  write(name: string, text: string): void {
    writeAtomically(join(this.path, name), text);
  }

  writeJson(name: string, value: unknown): void {
    this.write(name, jsonText(value));
  }
}

/**
 * What is finished of a run.
 *
 * @throws CosmicError RUN_MISMATCH where nothing is yet
 */
export function requireCheckpoint(run: RunFolder): PlainData {
  const checkpoint = run.readCheckpoint();
  if (checkpoint !== undefined) return checkpoint;
  const { kind } = run.manifest.settings;
  throw new CosmicError('RUN_MISMATCH', 'the run has no results yet', {
    file: run.path,
    remedy:
      kind === 'searches'
        ? 'merge its searches again, into the same folder'
        : `go on with it by cosmic ${kind} --resume ${run.path}`,
  });
}

/** `runs/search-cosmic-full-0`, then the same with a number behind it: those that are free. */
export function* newRunPaths(command: string, spaceName: string, suffix: string): Generator<string, never> {
  const stem = join('runs', [command, spaceName, suffix].join('-').replaceAll(/[^\w.-]+/g, '_'));
  for (let n = 1; ; n++) {
    const path = n === 1 ? stem : `${stem}-${n}`;
    if (!existsSync(path)) yield path;
  }
}

/** What takes a lock, but for a disk that takes nothing. */
function unlessFull(take: () => (() => void) | undefined): (() => void) | undefined {
  try {
    return take();
  } catch (error) {
    if (error instanceof CosmicError && error.code === 'DISK_WRITE') return () => undefined;
    throw error;
  }
}

function parseJson(file: string, text: string): PlainData {
  const plain = parsedJson(text);
  if (plain !== undefined) return plain as PlainData;
  throw new CosmicError('FILE_UNREADABLE', 'the file is not JSON', { file, remedy: 'start a new run' });
}
