import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PlainData } from '../../agents/agent.js';
import { CosmicError } from '../../psa/errors.js';
import { readText } from '../../psa/files.js';
import { writeAtomically } from '../disk/files.js';
import { toCsv } from './csv.js';
import { type Manifest, manifestSchema, RUN_FORMAT } from './manifest.js';
import { toParquet } from './parquet.js';
import type { Table } from './table.js';

const MANIFEST = 'manifest.json';
const CHECKPOINT = 'checkpoint.json';

/**
 * A run on disk: a folder with `manifest.json` (what was asked for), `checkpoint.json` (what is finished, always whole),
 * and the results that the command writes.
 */
export class RunFolder {
  private constructor(
    readonly path: string,
    readonly manifest: Manifest,
  ) {}

  /**
   * @throws CosmicError ARGUMENT where the folder holds a run already, DISK_WRITE
   */
  static create(path: string, manifest: Manifest): RunFolder {
    if (existsSync(join(path, MANIFEST))) {
      throw new CosmicError('ARGUMENT', 'the folder holds a run already', {
        file: path,
        remedy: `go on with that run (--resume ${path}), or name another folder`,
      });
    }
    writeAtomically(join(path, MANIFEST), jsonText(manifest));
    return new RunFolder(path, manifest);
  }

  /** @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, RUN_MISMATCH where another version of the format wrote it */
  static open(path: string): RunFolder {
    const file = join(path, MANIFEST);
    const plain = parseJson(file, readText(file, 'name a folder that sweep, search, start or merge wrote'));
    const format = (plain as { format?: unknown } | null)?.format;
    if (format !== RUN_FORMAT) {
      throw new CosmicError('RUN_MISMATCH', `the run has format ${String(format)}, this version reads ${RUN_FORMAT}`, {
        file,
        remedy: 'use the version of cosmic that wrote it, or start a new run',
      });
    }
    const manifest = manifestSchema.safeParse(plain);
    if (!manifest.success) {
      const issue = manifest.error.issues[0];
      throw new CosmicError('FILE_UNREADABLE', `${issue?.path.join('.')}: ${issue?.message}`, {
        file,
        remedy: 'the file was changed by hand; start a new run',
      });
    }
    return new RunFolder(path, manifest.data);
  }

  /** @throws CosmicError DISK_WRITE; the checkpoint before is then still there */
  saveCheckpoint(checkpoint: PlainData): void {
    writeAtomically(join(this.path, CHECKPOINT), JSON.stringify(checkpoint));
  }

  /** What was saved last, or undefined where nothing was. */
  readCheckpoint(): PlainData | undefined {
    const file = join(this.path, CHECKPOINT);
    if (!existsSync(file)) return undefined;
    return parseJson(file, readText(file, 'start a new run'));
  }

  /** Writes a result table twice: `best` as `best.csv` and `best.parquet`. */
  writeTable(name: string, table: Table): void {
    this.write(`${name}.csv`, toCsv(table.header, table.rows));
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
    remedy: kind === 'searches' ? 'merge its searches again' : `go on with it by cosmic ${kind} --resume ${run.path}`,
  });
}

/** `runs/search-cosmic-full-0`, with a number behind it where that is taken. */
export function newRunPath(command: string, spaceName: string, suffix: string): string {
  const stem = join('runs', [command, spaceName, suffix].join('-').replaceAll(/[^\w.-]+/g, '_'));
  let path = stem;
  for (let n = 2; existsSync(path); n++) path = `${stem}-${n}`;
  return path;
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function parseJson(file: string, text: string): PlainData {
  try {
    return JSON.parse(text) as PlainData;
  } catch {
    throw new CosmicError('FILE_UNREADABLE', 'the file is not JSON', { file, remedy: 'start a new run' });
  }
}
