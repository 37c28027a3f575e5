import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EvolutionFields, GenerationFields } from '../../../kernels/evolution/layout.js';
import { wgslPrelude } from '../../../kernels/modules.js';
import { packageRoot } from '../../../psa/packageRoot.js';
import { loadGpu } from './dawn.js';

/** What a dispatch is asked to do: the fields are explained in kernels/entry/bindings.wgsl. */
export interface RequestFields {
  readonly count: number;
  readonly seed: number;
  readonly startLow: number;
  readonly startHigh: number;
  readonly infeasible: number;
  readonly pareto: number;
  readonly frontSize: number;
  readonly threshold: number;
  readonly run: number;
  readonly limitCount: number;
  /** Four numbers each. */
  readonly limits: readonly number[];
}

/** The structs of the kernels that the host fills. */
interface StructFields {
  readonly Request: RequestFields;
  readonly Evolution: EvolutionFields;
  readonly Generation: GenerationFields;
}

/** Where they are declared; their sizes are constants of the prelude. */
const FILES = ['kernels/entry/bindings.wgsl', 'kernels/entry/evolve.wgsl'];

/** The structs of some WGSL, and the constants that they name: to read all of it takes as long as to open a device. */
function declarationsIn(texts: readonly string[]): string {
  const structs = texts.flatMap((text) => text.match(/^struct \w+ \{[^}]*\}/gm) ?? []);
  const named = new Set(structs.join('\n').match(/\b[A-Z][A-Z_]+\b/g));
  const constants = wgslPrelude().matchAll(/^const (\w+): .*;$/gm);
  return [...[...constants].filter(([, name]) => named.has(name!)).map(([line]) => line), ...structs].join('\n');
}

/** A struct in memory: made once, written often. */
export interface StructView<Fields> {
  /** The whole memory, of which the struct may be a part. */
  readonly memory: ArrayBuffer;
  /** Writes each field to its place, with its type. */
  write(fields: Fields): void;
}

/** The structs as the WGSL declares them. */
export interface Structs {
  /** Bytes of a struct. */
  sizeOf(name: keyof StructFields): number;
  /** A struct at the beginning of memory of its own, or from byte `at` on in `memory`. */
  view<Name extends keyof StructFields>(name: Name, memory?: ArrayBuffer, at?: number): StructView<StructFields[Name]>;
}

type FieldPlaces = Readonly<Record<string, Uint32Array | Float32Array>>;

/** A name of WGSL as the host writes it. */
function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** @throws TypeError where a field has no value */
function writeFields(places: ReadonlyMap<string, Uint32Array | Float32Array>, fields: object): void {
  for (const [name, place] of places) {
    const value: number | ArrayLike<number> = Reflect.get(fields, name);
    if (typeof value === 'number') place[0] = value;
    else place.set(value);
  }
}

/** Reads the declarations of the structs. Their layout has no other home. */
export async function loadStructs(): Promise<Structs> {
  // The reflection uses names that Dawn defines.
  await loadGpu();
  const { makeShaderDataDefinitions, makeStructuredView } = await import('webgpu-utils');
  const texts = FILES.map((file) => readFileSync(join(packageRoot, file), 'utf8'));
  const { structs } = makeShaderDataDefinitions(declarationsIn(texts));
  return {
    sizeOf: (name) => structs[name]!.size,
    view(name, memory, at) {
      const { views, arrayBuffer } = makeStructuredView(structs[name]!, memory, at);
      const places = new Map(Object.entries(views as FieldPlaces).map(([field, place]) => [camelCase(field), place]));
      return { memory: arrayBuffer, write: (fields) => writeFields(places, fields) };
    },
  };
}
