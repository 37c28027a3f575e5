/**
 * Words of a stream in large numbers: Threefry-2x32 with 20 rounds, as `threefry2x32` for one counter after another, in
 * vectors of WebAssembly. A round waits for the one before, so several vectors go side by side. The few instructions are put
 * together here, round by round, as in the WebAssembly core specification 2.0, chapter 5.
 */

/** Key parity of Threefry with 32-bit words. */
const PARITY = 0x1bd11bda;

/** Rotations of four rounds, and of the next four (Salmon et al. 2011, as in Random123). */
const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** Vectors side by side, of four counters each. */
const VECTORS = 4;

/** Words that are made at once: two for each counter. */
const GRAIN = 8 * VECTORS;

type Code = readonly number[];

/** Unsigned LEB128. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** Signed LEB128. */
function signed(value: number): Code {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}

/** Little-endian bytes of 32-bit words. */
function bytesOf(words: readonly number[]): Code {
  return words.flatMap((word) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]);
}

const get = (local: number): Code => [0x20, ...unsigned(local)];
const set = (local: number): Code => [0x21, ...unsigned(local)];
const constant = (value: number): Code => [0x41, ...signed(value)];
const vector = (...opcode: Code): Code => [0xfd, ...opcode];
const VOID = 0x40;
const LOOP = 0x03;
const END = 0x0b;
const BRANCH_IF = 0x0d;
const LESS = 0x49;
const ADD = 0x6a;
const XOR = 0x73;
const SPLAT = vector(0x11);
const STORE = vector(0x0b);
const VECTOR_OR = vector(0x50);
const VECTOR_XOR = vector(0x51);
const SHIFT_LEFT = vector(0xab, 0x01);
const SHIFT_RIGHT = vector(0xad, 0x01);
const VECTOR_ADD = vector(0xae, 0x01);

// Locals: parameters, the byte to write next, the keys, then both words of each vector.
const [KEY0, KEY1, LOW, HIGH, BYTES, AT, KEYS] = [0, 1, 2, 3, 4, 5, 6] as const;
const first = (v: number) => KEYS + 3 + 2 * v;
const second = (v: number) => first(v) + 1;
const ALL = Array.from({ length: VECTORS }, (_, v) => v);

/** x0 += x1; x1 = (x1 <<< bits) ^ x0 */
function round(v: number, bits: number): Code {
  const [x0, x1] = [get(first(v)), get(second(v))];
  const rotated = [
    ...x1,
    ...constant(bits),
    ...SHIFT_LEFT,
    ...x1,
    ...constant(32 - bits),
    ...SHIFT_RIGHT,
    ...VECTOR_OR,
  ];
  return [...x0, ...x1, ...VECTOR_ADD, ...set(first(v)), ...rotated, ...x0, ...VECTOR_XOR, ...set(second(v))];
}

/** The keys join in after every four rounds, numbered from 1. */
function inject(v: number, times: number): Code {
  const [key0, key1] = [get(KEYS + (times % 3)), get(KEYS + ((times + 1) % 3))];
  const number = [...constant(times), ...SPLAT, ...VECTOR_ADD];
  return [
    ...[...get(first(v)), ...key0, ...VECTOR_ADD, ...set(first(v))],
    ...[...get(second(v)), ...key1, ...VECTOR_ADD, ...number, ...set(second(v))],
  ];
}

/** Sets the counters of a vector, their keys added. */
function begin(v: number): Code {
  const lanes = vector(0x0c, ...bytesOf([0, 1, 2, 3].map((lane) => 4 * v + lane)));
  return [...get(LOW), ...SPLAT, ...lanes, ...VECTOR_ADD, ...set(first(v)), ...get(HIGH), ...SPLAT, ...set(second(v))];
}

/** Writes the words of a vector, counter by counter. */
function store(v: number): Code {
  return [0, 1].flatMap((half) => {
    const lanes = [2 * half, 2 * half + 4, 2 * half + 1, 2 * half + 5];
    const woven = vector(0x0d, ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)));
    const offset = 32 * v + 16 * half;
    return [...get(AT), ...get(first(v)), ...get(second(v)), ...woven, ...STORE, 4, ...unsigned(offset)];
  });
}

/** fill(key0, key1, low, high, bytes): the words of counters low, low + 1, … fill so many bytes of the memory. */
function body(): Code {
  const fours = [0, 1, 2, 3, 4].flatMap((four) => [
    ...ROTATIONS[four & 1]!.flatMap((bits) => ALL.flatMap((v) => round(v, bits))),
    ...ALL.flatMap((v) => inject(v, four + 1)),
  ]);
  const key2 = [...get(KEY0), ...get(KEY1), XOR, ...constant(PARITY), XOR];
  const advance = (local: number, by: number) => [...get(local), ...constant(by), ADD, ...set(local)];
  return [
    ...[2, 1, 0x7f, ...unsigned(3 + 2 * VECTORS), 0x7b],
    ...[
      ...get(KEY0),
      ...SPLAT,
      ...set(KEYS),
      ...get(KEY1),
      ...SPLAT,
      ...set(KEYS + 1),
      ...key2,
      ...SPLAT,
      ...set(KEYS + 2),
    ],
    ...[...get(LOW), ...get(KEY0), ADD, ...set(LOW), ...get(HIGH), ...get(KEY1), ADD, ...set(HIGH)],
    ...[LOOP, VOID, ...ALL.flatMap(begin), ...fours, ...ALL.flatMap(store)],
    ...[
      ...advance(LOW, 4 * VECTORS),
      ...advance(AT, 4 * GRAIN),
      ...get(AT),
      ...get(BYTES),
      LESS,
      BRANCH_IF,
      0,
      END,
      END,
    ],
  ];
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function assemble(): Uint8Array<ArrayBuffer> {
  const code = body();
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    // One type: five i32. One function of it, one page of memory; both are exported.
    ...section(1, [1, 0x60, 5, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, 1, 0x6d, 2, 0, 1, 0x66, 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

/** What this module needs of it; the language's own types leave it to browsers'. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Exports {
  readonly m: { readonly buffer: ArrayBuffer };
  readonly f: (key0: number, key1: number, low: number, high: number, bytes: number) => void;
}

const { m: memory, f: fill } = new WebAssembly.Instance(new WebAssembly.Module(assemble())).exports as Exports;
const made = new Uint32Array(memory.buffer);

/**
 * Fills an array with words of a stream.
 *
 * @param begin place of the first word in the stream; a multiple of the array's length
 * @param out its length is a power of two, {@link GRAIN} … 16,384: so the upper words of all its counters are the same
 * @example
 * fillWords(seed, stream, 0, words);
 */
export function fillWords(key0: number, key1: number, begin: number, out: Uint32Array): void {
  fill(key0, key1, begin / 2, begin / 2 ** 33, out.byteLength);
  out.set(out.length === made.length ? made : made.subarray(0, out.length));
}
