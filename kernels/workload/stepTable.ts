/** Lowered steps as flat arrays, for the f64 simulator to loop over. */
import { type Lowering, rowsOf, type Step } from './lowering.js';
import { channelOf, flagBits, JOIN, KIND, type Operation, SCALE, type Term } from './operation.js';
import { LAYER_SECTIONS, SECTIONS } from './transformer.js';

export const STEP = { compute: 0, wait: 1, communicate: 2 } as const satisfies Record<Step['kind'], number>;

/** Places of a row's terms, each a size in MFLOP or MB and its scale. A collective's input is its payload. */
export const TERM = { flops: 0, input: 1, output: 2, weight: 3, saved: 4 } as const;
export const TERM_COUNT = 5;

/** The layer's channel of a collective outside the layers. */
export const NO_LAYER = 255;

export interface StepTable {
  /** Section i has the steps from sectionFirst[i] on, to where the next one begins. */
  readonly sectionFirst: Uint32Array;
  /** STEP; of a wait what for (JOIN); of a collective its call, its channel and the `layerChannel` that it adds to. */
  readonly kind: Uint8Array;
  readonly join: Uint8Array;
  readonly call: Uint8Array;
  readonly channel: Uint8Array;
  readonly layerChannelOf: Uint8Array;
  /** A step has the rows from firstRow on, to where the next step's begin. */
  readonly firstRow: Uint32Array;
  /** KIND; the flags that matter and those of them that must be set; 1 where the row belongs to the attention core. */
  readonly rowKind: Uint8Array;
  readonly rowMask: Uint8Array;
  readonly rowValue: Uint8Array;
  readonly rowCore: Uint8Array;
  /** TERM_COUNT per row: MFLOP or MB, and SCALE. */
  readonly size: Float64Array;
  readonly scale: Uint8Array;
  /** The channels that the collectives of a layer use; those of layer i begin at layerFirst[i]. */
  readonly layerFirst: Uint32Array;
  readonly layerChannel: Uint8Array;
}

function termsOf(row: Operation): Term[] {
  return (Object.keys(TERM) as (keyof typeof TERM)[]).map((name) => row[name]);
}

/** Where each of the lists begins that follow one another, and where the last one ends. */
function firstOf(lists: readonly (readonly unknown[])[]): Uint32Array {
  const first = new Uint32Array(lists.length + 1);
  for (const [i, list] of lists.entries()) first[i + 1] = first[i]! + list.length;
  return first;
}

/** The table of a lowered graph. */
export function stepTable({ steps: sections, layerChannels }: Lowering): StepTable {
  const steps = SECTIONS.flatMap((section) => sections[section].map((step) => ({ section, step })));
  const rows = steps.flatMap(({ step }) => rowsOf(step));
  const terms = rows.flatMap(termsOf);
  const bytes = <T>(from: readonly T[], value: (item: T) => number): Uint8Array => Uint8Array.from(from, value);
  const ofCall = (value: (row: Operation, call: number, section: string) => number): Uint8Array =>
    bytes(steps, ({ section, step }) => (step.kind === 'communicate' ? value(step.row, step.call, section) : 0));
  return {
    sectionFirst: firstOf(SECTIONS.map((section) => sections[section])),
    kind: bytes(steps, ({ step }) => STEP[step.kind]),
    join: bytes(steps, ({ step }) => (step.kind === 'wait' ? JOIN[step.join] : 0)),
    call: ofCall((_, call) => call),
    channel: ofCall(channelOf),
    layerChannelOf: ofCall((row, _, section) => {
      const place = layerChannels.findIndex((own) => own.section === section && own.channel === channelOf(row));
      return place < 0 ? NO_LAYER : place;
    }),
    firstRow: firstOf(steps.map(({ step }) => rowsOf(step))),
    rowKind: bytes(rows, ({ kind }) => KIND[kind]),
    rowMask: bytes(rows, ({ when }) => flagBits(when).mask),
    rowValue: bytes(rows, ({ when }) => flagBits(when).value),
    rowCore: bytes(rows, ({ core }) => (core ? 1 : 0)),
    size: Float64Array.from(terms, ([coefficient]) => coefficient * 1e-6),
    scale: bytes(terms, ([, scale]) => SCALE[scale]),
    layerFirst: firstOf(LAYER_SECTIONS.map((section) => layerChannels.filter((own) => own.section === section))),
    layerChannel: bytes(layerChannels, ({ channel }) => channel),
  };
}
