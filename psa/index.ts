/** The Parameter Set Architecture: from a YAML file, or the builder, to a compiled design space. */
export { allValues, type PsaBuilder, powersOfTwo, psa, range, values } from './builder.js';
export { compilePsa } from './compile.js';
export { type CountStep, countSpace, type GeneCount, type PublishedCount, type SpaceCount } from './count.js';
export { compileDesign, defaultDesign, defaultPsa, loadDefault } from './defaults.js';
export { CosmicError, type ErrorCode } from './errors.js';
export { type LoadOptions, loadPsa } from './load.js';
export { loadModel } from './model.js';
export {
  type DesignEntry,
  describeDesign,
  designFromParameters,
  designOf,
  digitsToDesign,
  digitsToOrdinal,
  ordinalOfDesign,
  ordinalToDigits,
} from './ordinals.js';
export { applyOverrides } from './overrides.js';
export {
  CODE,
  PARAMETERS,
  type ParameterDefinition,
  type ParameterName,
  SLOT,
  SLOT_COUNT,
  slotOf,
} from './parameters.js';
export { listPresets, type PresetKind } from './presets.js';
export type { Psa, Published } from './psa.js';
export type { ModelFile, SystemDescription } from './schema.js';
export { psaJsonSchema } from './schema.js';
export { loadSoftware, type Software } from './software.js';
export { type CompiledSpace, type Gene, type ModelPhase, PROFILES, type Profile, type Workload } from './space.js';
export type { FlatSpec, ParameterSpec, Scalar } from './specs.js';
export { loadSystem, type System } from './system.js';
