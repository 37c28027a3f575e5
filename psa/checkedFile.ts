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

/** What files were found to say, by kinds of schemas. */
const known = new WeakMap<SourceDocument, Map<(typeof SCHEMAS)[PresetKind], unknown>>();

/**
 * What a file of a kind says. What was checked, by the build or here, is not checked again.
 *
 * @throws CosmicError SCHEMA, UNKNOWN_PARAMETER, VALUE_OUT_OF_RANGE
 */
export function checkedFile<Kind extends PresetKind>(kind: Kind, source: SourceDocument): Checked<Kind> {
  const { checked } = source;
  if (checked !== undefined && SCHEMAS[checked.kind as PresetKind] === SCHEMAS[kind])
    return checked.file as Checked<Kind>;
  const schema = SCHEMAS[kind];
  const found = known.get(source) ?? new Map();
  known.set(source, found);
  if (!found.has(schema)) found.set(schema, validated(schema() as never, source));
  return found.get(schema) as Checked<Kind>;
}
