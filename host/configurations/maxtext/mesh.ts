/**
 * The axes of MaxText's mesh. Each has a degree within a slice of chips or a node (`ici_`) and one between them (`dcn_`); one of either kind
 * may be -1, what the others leave (configs/base.yml; max_utils.py, fill_unspecified_mesh_axes).
 */
import { CosmicError } from '../../../psa/errors.js';
import type { ConfigurationFile, Setting, SettingChange } from '../configurationFile.js';
import type { Given } from '../given.js';
import { FORMAT, SLICES, TOPOLOGY } from './settings.js';

const AXES = [
  ...['data', 'fsdp', 'fsdp_transpose', 'sequence', 'context', 'context_autoregressive', 'tensor'],
  ...['tensor_transpose', 'tensor_sequence', 'pipeline', 'expert', 'autoregressive'],
] as const;
type Axis = (typeof AXES)[number];

export const within = (axis: Axis): string => `ici_${axis}_parallelism`;
const between = (axis: Axis): string => `dcn_${axis}_parallelism`;

/** What each axis has in all, once the degrees between slices are multiplied in. */
export const MESH_SETTINGS: readonly string[] = AXES.map(within);
/** Files name them, and no row does. */
export const BETWEEN_SETTINGS: readonly string[] = AXES.map(between);

const product = (factors: readonly number[]): number => factors.reduce((all, factor) => all * factor, 1);

/** What an axis is where a file does not say. */
const otherwise = (axis: Axis): number => (axis === 'fsdp' ? -1 : 1);

function degreeIn(settings: ReadonlyMap<string, Setting>, name: string): number | undefined {
  const text = settings.get(name)?.values[0]?.text;
  return text === undefined ? undefined : Number(text);
}

/** Slices, or nodes: those that a file counts, else as many as the degrees between them that it gives make. */
function slicesOf(settings: ReadonlyMap<string, Setting>): number {
  const said = SLICES.map((name) => degreeIn(settings, name)).find((count) => count !== undefined && count > 0);
  return said ?? product(AXES.map((axis) => Math.max(degreeIn(settings, between(axis)) ?? 1, 1)));
}

/** Chips of a slice by its name: of TPUs with two cores a chip it counts cores (cloud.google.com/tpu/docs, "TPU versions"). */
function chipsOf(topology: string | undefined): number | undefined {
  const [, version, count] = /^(?:tpu)?(v\d\w*|7x)-(\d+)$/.exec(topology ?? '') ?? [];
  if (count === undefined) return undefined;
  return Number(count) / (['v2', 'v3', 'v4', 'v5p', '7x'].includes(version!) ? 2 : 1);
}

/** A file whose axes are whole ones: `ici_` in front of an axis has both degrees, and `dcn_` is gone. */
export class MeshFile implements ConfigurationFile {
  readonly file: string;
  readonly text: string;
  readonly settings: ReadonlyMap<string, Setting>;
  readonly npus: number | undefined;
  readonly notes: readonly string[];

  constructor(readonly inner: ConfigurationFile) {
    ({ file: this.file, text: this.text, notes: this.notes } = inner);
    const settings = new Map(inner.settings);
    for (const axis of AXES) {
      const [own, outer] = [within(axis), between(axis)];
      const said = settings.get(own) ?? settings.get(outer);
      settings.delete(outer);
      const degree = this.#degree(axis);
      if (degree === otherwise(axis) && said === undefined) continue;
      const place = said?.place ?? { file: this.file };
      settings.set(own, { name: own, values: [{ text: String(degree) }], place });
    }
    this.settings = settings;
    const degrees = AXES.map((axis) => Number(settings.get(within(axis))?.values[0]?.text ?? otherwise(axis)));
    const chips = chipsOf(inner.settings.get(TOPOLOGY)?.values[0]?.text);
    const all = degrees.every((degree) => degree > 0) ? product(degrees) : undefined;
    this.npus = all ?? (chips === undefined ? inner.npus : chips * slicesOf(inner.settings));
  }

  /** Of both kinds; -1 where the mesh fills it. */
  #degree(axis: Axis): number {
    const { settings } = this.inner;
    const own = degreeIn(settings, within(axis)) ?? otherwise(axis);
    return own < 0 ? -1 : own * this.#between(axis);
  }

  #between(axis: Axis): number {
    const { settings } = this.inner;
    const said = degreeIn(settings, between(axis)) ?? (axis === 'data' ? -1 : 1);
    if (said > 0) return said;
    const others = AXES.filter((one) => one !== axis).map((one) => Math.max(degreeIn(settings, between(one)) ?? 1, 1));
    return Math.max(slicesOf(settings) / product(others), 1);
  }

  /** @throws CosmicError ARGUMENT where a degree would have to change between slices */
  edited(changes: readonly SettingChange[]): string {
    return this.inner.edited(changes.map((change) => this.#within(change)));
  }

  #within(change: SettingChange): SettingChange {
    const axis = AXES.find((one) => within(one) === change.name);
    if (axis === undefined) return change;
    const outer = this.#between(axis);
    const degree = Number(change.values?.[0] ?? otherwise(axis));
    if (outer === 1 || degree < 0) return change;
    if (degree % outer === 0) return { ...change, values: [String(degree / outer)] };
    throw new CosmicError('ARGUMENT', `${between(axis)} ${outer} does not divide ${degree}`, {
      file: this.file,
      remedy: 'write the degrees between slices by hand',
    });
  }
}

/** Degrees of a job by this project's axes. */
export interface Mesh {
  readonly tp: number;
  readonly sp: number;
  readonly pp: number;
  readonly ep: number;
  /** Copies of all weights. */
  readonly data: number;
  /** Ranks that share weights, besides those of experts and sequences, which do as well. */
  readonly fsdp: number;
}

/** The degree of each axis: one that is -1 has what the others leave. */
export function degreesOf(given: Given): ReadonlyMap<Axis, number> {
  const said = AXES.map((axis) => [axis, Number(given.text(within(axis)) ?? otherwise(axis))] as const);
  const others = product(said.map(([, degree]) => Math.max(degree, 1)));
  const rest = Math.max(Math.floor(given.npus / others), 1);
  return new Map(said.map(([axis, degree]) => [axis, degree > 0 ? degree : rest]));
}

export function meshOf(given: Given): Mesh {
  const degrees = degreesOf(given);
  const of = (...axes: readonly Axis[]) => product(axes.map((axis) => degrees.get(axis)!));
  for (const axis of ['tensor', 'fsdp'] as const) {
    const other = `${axis}_transpose` as const;
    if (of(other) > 1) given.note(`${within(other)} is priced as ${within(axis)}`);
  }
  return {
    tp: of('tensor', 'tensor_transpose', 'tensor_sequence', 'autoregressive'),
    sp: of('sequence', 'context', 'context_autoregressive'),
    pp: of('pipeline'),
    ep: of('expert'),
    data: of('data'),
    fsdp: of('fsdp', 'fsdp_transpose'),
  };
}

/** The whole numbers that axes have to be. */
export function badAxis(given: Given): CosmicError | undefined {
  const name = MESH_SETTINGS.find((one) => {
    const degree = Number(given.text(one) ?? 1);
    return degree !== -1 && !(Number.isInteger(degree) && degree > 0);
  });
  if (name === undefined) return undefined;
  return given.error(
    name,
    `${name} is '${given.text(name)}'`,
    `write a whole number, or -1 for what ${FORMAT} has left`,
  );
}
