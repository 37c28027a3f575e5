/** A Hugging Face config.json, field by field: what was read of it, and what was not. */
import type { SourceDocument } from '../document.js';
import { CosmicError, excerpt } from '../errors.js';

/** A field of the file and what it says. */
export interface FieldRead {
  readonly field: string;
  readonly value: unknown;
}

type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads fields by any of the names that they have in different families, and remembers which it has read. */
export class Config {
  private readonly names = new Set<string>();

  /**
   * @param data the mapping that describes the text model, and `path` where it stands in the file
   * @param defaults what the family's class takes where the file does not say: files leave such values out
   */
  constructor(
    private readonly source: SourceDocument,
    private readonly data: Json,
    private readonly path: readonly string[],
    private readonly defaults: Json,
  ) {}

  /** What was read, in its order. */
  get read(): FieldRead[] {
    return [...this.names].filter((field) => field in this.data).map((field) => ({ field, value: this.data[field] }));
  }

  /** Fields of the file that nothing has asked for. */
  get unread(): string[] {
    return Object.keys(this.data).filter((field) => !this.names.has(field) && this.data[field] !== null);
  }

  /** What the file says at a field that nothing has asked for. */
  unreadValue(field: string): unknown {
    return this.data[field];
  }

  error(field: string, message: string, remedy: string, code: 'SCHEMA' | 'VALUE_OUT_OF_RANGE' = 'SCHEMA'): CosmicError {
    const place = field in this.data ? this.source.keyPlace(this.path, field) : this.source.place(this.path);
    return new CosmicError(code, message, { ...place, remedy });
  }

  /** The first of several names that the file, or else the family, gives a value: null says that there is none, whatever the family takes. */
  private lookUp(names: readonly string[]): { field: string; value: unknown } | undefined {
    for (const name of names) this.names.add(name);
    for (const values of [this.data, this.defaults]) {
      const field = names.find((name) => values[name] !== undefined && values[name] !== null);
      if (field !== undefined) return { field, value: values[field] };
      if (names.some((name) => values[name] === null)) return undefined;
    }
    return undefined;
  }

  value(...names: string[]): unknown {
    return this.lookUp(names)?.value;
  }

  /** A whole number of at least 0, or undefined. */
  optional(...names: string[]): number | undefined {
    const found = this.lookUp(names);
    if (found === undefined) return undefined;
    const { field, value } = found;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.error(
      field,
      `${field} is ${excerpt(JSON.stringify(value), 60)}, which is no whole number`,
      'write a number',
    );
  }

  /**
   * A whole number that has to be there.
   *
   * @throws CosmicError SCHEMA
   */
  count(...names: string[]): number {
    const value = this.optional(...names);
    if (value !== undefined) return value;
    throw this.error(
      names[0]!,
      `the configuration lacks ${names[0]}`,
      `add ${names[0]}, as the model's own config.json has it`,
    );
  }

  flag(...names: string[]): boolean {
    return this.value(...names) === true;
  }

  text(...names: string[]): string | undefined {
    const value = this.value(...names);
    return typeof value === 'string' ? value : undefined;
  }

  /** Is a rate of dropout above 0? */
  drops(...names: string[]): boolean {
    return names.some((name) => Number(this.value(name) ?? 0) > 0);
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.value(name);
    return Array.isArray(value) ? value : undefined;
  }

  /** A mapping within this one, as a configuration of its own. */
  within(name: string): Config {
    const value = this.value(name);
    return new Config(this.source, isRecord(value) ? value : {}, [...this.path, name], {});
  }
}
