import { existsSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { readText } from '../../psa/files.js';
import { parsedJson } from '../../psa/plainData.js';
import { appendLine } from '../disk/files.js';
import { cosmicVersion } from '../runs/version.js';
import type { Optimum } from './optimum.js';
import type { History, SeededTrial } from './trials.js';

const lineSchema = z.object({ key: z.string(), history: z.array(z.tuple([z.number(), z.number()])) });

/** The searches that a study has finished, so that it goes on with the rest after an interrupt. */
export class Journal {
  private readonly known = new Map<string, History>();

  /** @param file a line of JSON per search; undefined keeps nothing */
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

  /** A finished study needs no journal: the next one begins anew. */
  remove(): void {
    if (this.file === undefined) return;
    rmSync(this.file, { force: true });
  }

  private read(line: string): void {
    const { data } = lineSchema.safeParse(parsedJson(line));
    // A kill may cut the last line short: that search is repeated.
    if (data !== undefined) this.known.set(data.key, data.history);
  }
}

function keyOf({ fingerprint, objective }: Optimum, { agent, budget, parameters = {}, seed }: SeededTrial): string {
  return JSON.stringify([cosmicVersion, fingerprint, objective, agent, budget, parameters, seed]);
}
