import { stringify } from 'yaml';
import { defaultOf } from '../../psa/defaults.js';
import { parseSource } from '../../psa/document.js';
import { modelSources, readModel, withMembers } from '../../psa/model.js';
import { isPath } from '../../psa/presets.js';
import type { Psa } from '../../psa/psa.js';
import type { ModelFile } from '../../psa/schema.js';
import { loadSoftware, withSoftware } from '../../psa/software.js';
import { loadSystem, type System } from '../../psa/system.js';

/** What a job runs on, and what it trains. */
export interface JobBase {
  /** Target system or machine, framework's constants: preset names or paths. */
  readonly system: string;
  readonly software: string | undefined;
  /** Preset name or path, or a model as it was read of the job's file. */
  readonly model: string | ModelFile;
  readonly npus: number;
  /** Overrides of what the system and the software say. */
  readonly set: readonly string[];
}

/** Systems with models that are kept: a framework may pad a model by the degrees of each of a job's neighbours. */
const KEPT = 16;

/** The systems and models of jobs as they were read: whoever reads a job again, changed a little, finds them here. */
export class JobBases {
  /** With their software. */
  private readonly systems = new Map<string, System>();
  private readonly psas = new Map<string, Psa>();

  /** A PsA of the system with the model, and nothing of the job yet. Files are read anew each time: they may change. */
  psa(base: JobBase): Psa {
    const { system, software = '', model } = base;
    if ([system, software, typeof model === 'string' ? model : ''].some(isPath)) return this.load(base);
    const key = JSON.stringify(base);
    const psa = this.psas.get(key) ?? this.load(base);
    this.psas.set(key, psa);
    if (this.psas.size > KEPT) this.psas.delete(this.psas.keys().next().value!);
    return psa;
  }

  private load({ system, software, model, npus, set }: JobBase): Psa {
    const sources =
      typeof model === 'string'
        ? modelSources(model, { file: `--model ${model}` })
        : withMembers(parseSource(stringify(model), model.name));
    return defaultOf(this.system(system, software), readModel(sources), [`system.npus=${npus}`, ...set]);
  }

  private system(system: string, software: string | undefined): System {
    const load = () =>
      withSoftware(
        loadSystem(system, { file: `--system ${system}` }),
        software === undefined ? undefined : loadSoftware(software, { file: `--software ${software}` }),
      );
    if (isPath(system) || (software !== undefined && isPath(software))) return load();
    const key = `${system} ${software}`;
    const known = this.systems.get(key) ?? load();
    this.systems.set(key, known);
    return known;
  }
}
