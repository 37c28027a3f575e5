/** MaxText's settings: files that go on top of its base.yml, and scripts that give them behind such a file (github.com/AI-Hypercomputer/maxtext). */
import { stringify } from 'yaml';
import type { ConfigurationFile, Setting } from '../configurationFile.js';
import { type Framework, knownSettings } from '../framework.js';
import {
  ENOUGH_LAYERS,
  EVEN_LAYERS,
  EXPERTS,
  FFN,
  HEADS,
  KV_HEADS,
  SEQUENCE,
  type SettingRule,
  type Words,
} from '../rule.js';
import { ASSIGNMENTS, readArguments } from '../shell/argumentFile.js';
import { nestedData, readYaml } from '../tree/yaml.js';
import { NOT_SIMULATED, WITHOUT_EFFECT } from './effects.js';
import { MEMORY_ROWS } from './memoryRows.js';
import { BETWEEN_SETTINGS, degreesOf, MESH_SETTINGS, MeshFile, within } from './mesh.js';
import { MESH_ROWS, microBatchOf, perDevice, pipelineMicroBatches } from './meshRows.js';
import { MODEL_ROWS, SIZE_SETTINGS } from './modelRows.js';
import * as NAMES from './settings.js';

const ROWS = [...MESH_ROWS, ...MEMORY_ROWS];
const KNOWN = new Set([...knownSettings({ rows: ROWS, modelRows: MODEL_ROWS }), ...BETWEEN_SETTINGS]);

const WORDS: Words = {
  tp: within('tensor'),
  sp: within('context'),
  pp: within('pipeline'),
  ep: within('expert'),
  etp: within('tensor'),
  batch: NAMES.PER_DEVICE,
  microBatch: NAMES.PER_DEVICE,
  heads: NAMES.QUERY_HEADS,
  kvHeads: NAMES.KV_HEADS,
  layers: NAMES.LAYERS,
  hidden: NAMES.EMBEDDING,
  ffn: NAMES.MLP,
  experts: NAMES.EXPERTS,
  seq: NAMES.SEQ,
};

const SETTING_RULES: readonly SettingRule[] = [
  {
    rule: 'world size',
    broken: (given) => {
      const all = [...degreesOf(given).values()].reduce((product, degree) => product * degree, 1);
      const open = MESH_SETTINGS.filter((name) => given.text(name) === '-1');
      if (open.length > 1) return { says: `${open.length} axes are -1, of which one may be`, settings: open };
      if (all === given.npus) return undefined;
      const settings = MESH_SETTINGS.filter((name) => given.has(name));
      return { says: `axes of ${all} devices in all do not make ${given.npus}`, settings };
    },
  },
  {
    rule: 'global batch',
    broken: (given) => {
      const each = microBatchOf(given);
      if (Number.isInteger(each) && each > 0) return undefined;
      const says = `${perDevice(given)} sequences a device make no whole number of a micro-batch: ${each}`;
      return { says, settings: [NAMES.PER_DEVICE, NAMES.MICRO_BATCHES] };
    },
  },
  {
    rule: 'micro-batches',
    broken: (given) => {
      const [count, stages] = [pipelineMicroBatches(given), degreesOf(given).get('pipeline')!];
      if (count % stages === 0) return undefined;
      return {
        says: `${count} micro-batches are no multiple of ${stages} stages`,
        settings: [NAMES.MICRO_BATCHES, within('pipeline')],
      };
    },
  },
];

/** The model that a file names; undefined where it gives sizes, or says nothing. */
function nameIn({ settings }: ConfigurationFile): string | undefined {
  const name = settings.get(NAMES.MODEL_NAME)?.values[0]?.text;
  return name === undefined || name === '' || name === 'default' ? undefined : name;
}

/** A file with what base.yml says of its model: a named one goes before sizes, and sizes stand on those of base.yml. */
function withModel(own: ConfigurationFile, more: readonly string[] = []): ConfigurationFile {
  const settings = new Map<string, Setting>(own.settings);
  const say = (name: string, value: number) => {
    if (!settings.has(name)) settings.set(name, { name, values: [{ text: String(value) }], place: { file: own.file } });
  };
  const name = nameIn(own);
  const isFixed =
    name !== undefined && own.settings.get(NAMES.OVERRIDES_MODEL)?.values[0]?.text.toLowerCase() !== 'true';
  if (name === undefined) settings.delete(NAMES.MODEL_NAME);
  if (isFixed) for (const size of SIZE_SETTINGS) settings.delete(size);
  else if (SIZE_SETTINGS.some((size) => settings.has(size))) say(NAMES.EMBEDDING, 2048);
  say(NAMES.LATER_TOKENS, 0);
  say(NAMES.SEQ, 2048);
  const { file, text, npus, notes } = own;
  return { ...{ file, text, npus, settings }, notes: [...notes, ...more], edited: (changes) => own.edited(changes) };
}

const PROGRAM = /^[^#\n]*\bpython3?\b[^\n]*\b[Mm]ax[Tt]ext[./]/m;
const SETTING = /^(per_device_batch_size|base_emb_dim|(ici|dcn)_\w+_parallelism):/m;
const YAML_FILE = /\.ya?ml$/;

/** Files that a script names, on which its settings stand; base.yml is known. */
function unreadNotes(text: string): string[] {
  const named = text.replaceAll(/^\s*#.*$/gm, '').match(/[\w./-]+\.yml\b/g) ?? [];
  const others = new Set(named.map((path) => path.split('/').at(-1)!).filter((name) => name !== 'base.yml'));
  return [...others].map((name) => `${name} is not read: check that file, or give what it says in the script`);
}

function parse(text: string, file: string, given: ReadonlyMap<string, string>): ConfigurationFile {
  if (YAML_FILE.test(file) || SETTING.test(text)) return withModel(new MeshFile(readYaml(text, file, () => undefined)));
  const script = readArguments(text, file, (name) => KNOWN.has(name), given, ASSIGNMENTS);
  return withModel(new MeshFile(script), unreadNotes(text));
}

export const MAXTEXT: Framework = {
  name: 'maxtext',
  title: NAMES.FORMAT,
  software: 'maxtext',
  rows: ROWS,
  modelRows: MODEL_ROWS,
  modelSetting: NAMES.EMBEDDING,
  modelNames: [NAMES.MODEL_NAME],
  namedModel: (file) => {
    const own = nameIn(file);
    return NAMES.MODELS.find(({ name }) => name[0] === own)?.preset;
  },
  fileNames: [...KNOWN],
  words: WORDS,
  factRules: [HEADS, KV_HEADS, FFN, SEQUENCE, EXPERTS, ENOUGH_LAYERS, EVEN_LAYERS],
  settingRules: SETTING_RULES,
  withoutEffect: WITHOUT_EFFECT,
  notSimulated: NOT_SIMULATED,
  recognises: (file, text) => (YAML_FILE.test(file) ? SETTING.test(text) : PROGRAM.test(text)),
  parse,
  print: (settings) => {
    const data = nestedData([
      { name: 'base_config', values: ['base.yml'] },
      ...settings,
      { name: 'dcn_data_parallelism', values: ['1'] },
    ]);
    return stringify(data, { lineWidth: 0 });
  },
};
