/** What the files of each kind say, checked against their schemas. */
import type { SourceDocument } from './document.js';
import type { PresetKind } from './presets.js';
import { modelSchema, psaSchema, softwareSchema, systemSchema } from './schema.js';
import { validated } from './validate.js';

const SCHEMAS = {
  spaces: psaSchema,
  systems: systemSchema,
  machines: systemSchema,
  software: softwareSchema,
  models: modelSchema,
} as const satisfies Record<PresetKind, unknown>;

type Checked<Kind extends PresetKind> = ReturnType<ReturnType<(typeof SCHEMAS)[Kind]>['parse']>;

/**
 * What a file of a kind says. A preset that the build has checked is not checked again.
 *
 * @throws CosmicError SCHEMA, UNKNOWN_PARAMETER, VALUE_OUT_OF_RANGE
 */
export function checkedFile<Kind extends PresetKind>(kind: Kind, source: SourceDocument): Checked<Kind> {
  const { checked } = source;
  if (checked !== undefined && SCHEMAS[checked.kind as PresetKind] === SCHEMAS[kind])
    return checked.file as Checked<Kind>;
  return validated(SCHEMAS[kind]() as never, source);
}
