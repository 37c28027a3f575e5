import { compilePsa } from './compile.js';
import { CosmicError } from './errors.js';
import { type Model, modelSources, readModel, workloadOf } from './model.js';
import { applyOverrides } from './overrides.js';
import { withProfile } from './profile.js';
import type { Psa } from './psa.js';
import { loadSoftware, withSoftware } from './software.js';
import type { CompiledSpace, Profile } from './space.js';
import type { ParameterSpec } from './specs.js';
import { loadSystem, type System } from './system.js';

/**
 * A system's own default for a model, as a PsA that varies nothing.
 *
 * @param system preset name or path
 * @param model preset name or path
 * @param set overrides, as `applyOverrides` takes them
 * @param profile whose rules the simulator follows; `default` unless given
 * @param software preset name or path of a framework, whose defaults go before the system's
 * @throws CosmicError as `loadPsa`
 */
export function loadDefault(
  system: string,
  model: string,
  set: readonly string[] = [],
  profile?: Profile,
  software?: string,
): Psa {
  const framework = software === undefined ? undefined : loadSoftware(software, { file: `--software ${software}` });
  const loaded = withSoftware(loadSystem(system, { file: `--system ${system}` }), framework);
  const given = readModel(modelSources(model, { file: `--model ${model}` }));
  return defaultOf(loaded, given, set, profile);
}

/** The default of a system that is there for a model that is there: {@link loadDefault} without files. */
export function defaultOf(system: System, model: Model, set: readonly string[] = [], profile?: Profile): Psa {
  const psa: Psa = {
    name: `${system.name} default`,
    description: `the default design of ${system.name}`,
    place: { file: system.file },
    system,
    model,
    workload: withProfile(workloadOf(model), profile, { file: `--profile ${profile}` }),
    dimensions: system.dimensions,
    parameters: new Map(),
    constraints: [],
    objective: { value: 'time', place: {} },
    published: undefined,
    overrides: [],
  };
  return applyOverrides(psa, set);
}

function isFixed(spec: ParameterSpec): boolean {
  if (typeof spec !== 'object') return true;
  if (!('perDimension' in spec)) return false;
  const { perDimension } = spec;
  return Array.isArray(perDimension) ? perDimension.every(isFixed) : isFixed(perDimension as ParameterSpec);
}

/** What a search of a PsA is to beat: its fixed values, and the system's default for all that it varies. */
export function defaultPsa(psa: Psa): Psa {
  const parameters = new Map([...psa.parameters].filter(([, { value }]) => isFixed(value)));
  return { ...psa, name: `${psa.system.name} default`, parameters, constraints: [], published: undefined };
}

/**
 * Compiles a PsA that is to leave one design: then `fixed` is that design, and there are no genes.
 *
 * @throws CosmicError DESIGN_AMBIGUOUS where it leaves several, SPACE_EMPTY where it leaves none
 */
export function compileDesign(psa: Psa): CompiledSpace {
  const space = compilePsa(psa);
  if (space.genes.length === 0) return space;
  const names = space.genes.flatMap(({ parameters }) => parameters);
  throw new CosmicError('DESIGN_AMBIGUOUS', `${space.count} designs are left: ${names.join(', ')} can vary`, {
    ...psa.place,
    remedy: `give values to all but one of them, such as --set ${names[0]}=${space.genes[0]!.table[0]}`,
  });
}

/**
 * The default design of a system for a model: SLOT_COUNT numbers.
 *
 * @throws CosmicError as `loadDefault` and {@link compileDesign}
 * @example
 * defaultDesign('cosmic-1024', 'gpt3-175b')[SLOT.workload.tp]; // 4 = 1024 / (8 · 8 · 4)
 */
export function defaultDesign(system: string, model: string, set: readonly string[] = []): Float64Array {
  return compileDesign(loadDefault(system, model, set)).fixed;
}
