import type { Place } from '../../psa/document.js';
import { CosmicError, excerpt } from '../../psa/errors.js';
import type { ModelPhase } from '../../psa/space.js';
import { suggest } from '../../psa/suggest.js';
import type { ConfigurationFile, Setting } from './configurationFile.js';

/** What rows read of a file: the values of its settings, checked where they are asked for. */
export class Given {
  readonly notes: string[] = [];

  /**
   * @param npus of the job
   * @param model undefined where the file itself says what it is
   */
  constructor(
    readonly file: ConfigurationFile,
    readonly npus: number,
    readonly model: Pick<ModelPhase, 'layers' | 'hidden' | 'experts'> | undefined,
  ) {}

  has(name: string): boolean {
    return this.file.settings.has(name);
  }

  place(name: string): Place {
    return this.file.settings.get(name)?.place ?? { file: this.file.file };
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  /** The first value of a setting, or undefined where the file does not have the setting. */
  text(name: string): string | undefined {
    const setting = this.file.settings.get(name);
    return setting === undefined ? undefined : this.#valueOf(setting, 0);
  }

  /** All values of a setting; empty where the file does not have it. */
  texts(name: string): readonly string[] {
    const setting = this.file.settings.get(name);
    return setting === undefined ? [] : setting.values.map((_, i) => this.#valueOf(setting, i));
  }

  /** A whole number of at least 0. */
  whole(name: string, otherwise: number): number;
  whole(name: string, otherwise?: number): number | undefined;
  whole(name: string, otherwise?: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    // Configurations write 1_024 and 4e3, too.
    const value = Number(text.replaceAll('_', ''));
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.#bad(name, text, 'write a whole number');
  }

  /** A whole number of at least 1. */
  count(name: string, otherwise: number): number;
  count(name: string, otherwise?: number): number | undefined;
  count(name: string, otherwise?: number): number | undefined {
    const value = this.whole(name, otherwise);
    if (value === 0 && this.has(name)) throw this.#bad(name, '0', 'write a whole number of at least 1');
    return value;
  }

  /** A whole number of at least 1 that the file has to say. */
  needed(name: string): number {
    const value = this.count(name);
    if (value !== undefined) return value;
    throw new CosmicError('SCHEMA', `${this.#named(name)} is missing`, {
      file: this.file.file,
      remedy: `add ${this.#named(name)}`,
    });
  }

  /** A number. */
  number(name: string, otherwise: number): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value)) return value;
    throw this.#bad(name, text, 'write a number');
  }

  /** True or false, as files of settings write it. */
  truth(name: string, otherwise: boolean): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return otherwise;
    if (['true', 'on', 'yes', '1'].includes(text)) return true;
    if (['false', 'off', 'no', '0', 'null', 'none'].includes(text)) return false;
    throw this.#bad(name, text, 'write true or false');
  }

  /** One of several words, and what each of them means. */
  choice<Meaning>(name: string, meanings: Readonly<Record<string, Meaning>>, otherwise: Meaning): Meaning {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    if (Object.hasOwn(meanings, text)) return meanings[text]!;
    throw this.#bad(name, text, suggest(text, Object.keys(meanings)));
  }

  error(name: string, message: string, remedy: string): CosmicError {
    return new CosmicError('VALUE_OUT_OF_RANGE', message, { ...this.place(name), remedy });
  }

  #valueOf({ name, values, place }: Setting, i: number): string {
    const value = values[i];
    if (value === undefined) {
      throw new CosmicError('SCHEMA', `${this.#named(name)} has no value`, { ...place, remedy: 'write a value there' });
    }
    if (value.unknown === undefined) return value.text;
    const variable = /^\w+$/.test(value.unknown);
    throw new CosmicError(
      'SCHEMA',
      `${this.#named(name)} is ${excerpt(variable ? `$${value.unknown}` : value.unknown)}, which the file does not say`,
      {
        ...place,
        remedy: variable ? `give it by --variable ${value.unknown}=VALUE` : 'write the value itself there',
      },
    );
  }

  /** As the file calls it. */
  #named(name: string): string {
    return this.file.nameOf?.(name) ?? name;
  }

  #bad(name: string, text: string, remedy: string): CosmicError {
    return new CosmicError('VALUE_OUT_OF_RANGE', `${this.#named(name)} is '${excerpt(text, 40)}'`, {
      ...this.place(name),
      remedy,
    });
  }
}
