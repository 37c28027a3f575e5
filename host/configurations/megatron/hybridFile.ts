/**
 * What the pattern of a hybrid says besides its layers' letters: how many there are, the stages that they stand on, and the layers that
 * predict later tokens (Megatron-LM, megatron/training/arguments.py; megatron/core/models/hybrid/hybrid_layer_allocation.py).
 */
import { CosmicError } from '../../../psa/errors.js';
import type { ConfigurationFile, Setting, SettingChange } from '../configurationFile.js';
import { CHUNKS, FIRST_STAGE, LAST_STAGE, LAYOUT, PER_CHUNK } from './stageRows.js';

export const PATTERN = '--hybrid-layer-pattern';
/** Its older name, beside which --num-layers has to be as long. */
export const OLDER_PATTERN = '--hybrid-override-pattern';
/** What a pattern is to have. */
export const LETTERS =
  'write a letter for each layer: M state space, or G a gated delta net, * attention, - a dense MLP, E a mixture';
const PREDICTING = '--mtp-hybrid-override-pattern';

/** Settings of stages that a pattern takes the place of. */
const STAGES: readonly string[] = [PER_CHUNK, CHUNKS, LAYOUT, FIRST_STAGE, LAST_STAGE];

/** A pattern's parts: `M*|M-/*-/*-` has two stages of two layers, and two layers of two blocks that predict later tokens. */
function partsOf(pattern: string): { segments: readonly string[]; predicting: readonly string[] } {
  const [main, ...predicting] = pattern.split('/');
  // Layers in brackets are called as one, each of its letters is a layer still.
  const segments = main!.replaceAll(/[[\]]/g, '').split('|');
  return { segments, predicting: predicting.filter((letters) => letters !== '') };
}

/** The file's pattern under either name; undefined where there is none, or one that the file does not say. */
function patternSetting({ settings }: ConfigurationFile): Setting | undefined {
  const setting = settings.get(PATTERN) ?? settings.get(OLDER_PATTERN);
  const value = setting?.values[0];
  return value === undefined || value.unknown !== undefined ? undefined : setting;
}

/** What is said by letters of layers that predict later tokens, and not simulated. */
function predictingNotes(own: ConfigurationFile, predicting: readonly string[]): string[] {
  const letters = predicting[0] ?? own.settings.get(PREDICTING)?.values[0]?.text;
  if (letters === undefined || /^\*[E-]$/.test(letters)) return [];
  return [`layers that predict later tokens are priced as attention and the experts or MLP, not as ${letters}`];
}

/**
 * A file whose pattern has letters alone, with what else it said as settings of their own.
 *
 * @throws CosmicError VALUE_OUT_OF_RANGE where it has none
 * @example
 * withPattern(file); // of `--hybrid-layer-pattern M*|M-/*-`: M*M-, --num-layers 4, --mtp-num-layers 1 and a layout of two stages
 */
export function withPattern(own: ConfigurationFile): ConfigurationFile {
  const setting = patternSetting(own);
  if (setting === undefined) return own;
  const { segments, predicting } = partsOf(setting.values[0]!.text);
  const letters = segments.join('');
  if (letters === '') {
    throw new CosmicError('VALUE_OUT_OF_RANGE', `${own.nameOf?.(setting.name) ?? setting.name} has no letters`, {
      ...setting.place,
      remedy: LETTERS,
    });
  }
  const settings = new Map(own.settings);
  const say = (name: string, value: string | number) =>
    settings.set(name, { name, values: [{ text: String(value) }], place: setting.place });
  say(setting.name, letters);
  settings.delete(PREDICTING);
  if (setting.name === PATTERN || !settings.has('--num-layers')) say('--num-layers', letters.length);
  if (predicting.length > 0) say('--mtp-num-layers', predicting.length);
  if (segments.length > 1) {
    const later = Number(settings.get('--mtp-num-layers')?.values[0]?.text ?? 0);
    say(LAYOUT, `${segments.map(({ length }) => `t*${length}`).join('|')}m*${later}`);
  }
  const { file, text, npus, notes, files, nameOf } = own;
  return {
    ...{ file, text, npus, settings },
    notes: [...notes, ...predictingNotes(own, predicting)],
    ...(files === undefined ? {} : { files }),
    ...(nameOf === undefined ? {} : { nameOf }),
    edited: (changes) => own.edited(editable(own, changes, segments.length > 1)),
  };
}

/** @throws CosmicError ARGUMENT where stages would change, which stand in the pattern */
function editable(
  own: ConfigurationFile,
  changes: readonly SettingChange[],
  staged: boolean,
): readonly SettingChange[] {
  const inPattern = staged ? STAGES : [PER_CHUNK, CHUNKS, LAYOUT];
  const change = changes.find(({ name }) => inPattern.includes(name));
  if (change === undefined) return changes;
  const { name, place } = patternSetting(own)!;
  throw new CosmicError('ARGUMENT', `stages of a hybrid stand in ${own.nameOf?.(name) ?? name}, which is not written`, {
    ...place,
    remedy: 'mark the stages in the pattern with |',
  });
}
