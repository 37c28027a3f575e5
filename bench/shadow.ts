/** What of an interpreted kernel varies, that is, hangs on what the host hands over: a shadow of its memory and of its branches. */
import type { Data, Expression } from 'wgsl_reflect/wgsl_reflect.module.js';

const WORD_BYTES = 4;

/** A mark for each word of memory: 1 where its value varies. */
export class Shadow {
  private readonly marks = new WeakMap<ArrayBufferLike, Uint8Array>();

  /** The marks of a value's words. A component or an element lies in the memory of its variable, and so has its marks. */
  of({ data, buffer = data?.buffer, offset = data?.byteOffset ?? 0, typeInfo }: Data): Uint8Array {
    if (buffer === undefined) return new Uint8Array();
    const all = this.marks.get(buffer) ?? new Uint8Array(Math.ceil(buffer.byteLength / WORD_BYTES));
    this.marks.set(buffer, all);
    return all.subarray(offset / WORD_BYTES, (offset + (data?.byteLength ?? typeInfo.size)) / WORD_BYTES);
  }

  varies(value: Data): boolean {
    return this.of(value).includes(1);
  }
}

/**
 * A statement or a call under way. What is written under a condition that varies is a constant there, if it is one, and varies
 * where the paths meet again: behind the statement, or in the next turn of a loop.
 */
export class Branch {
  private readonly writes: Uint8Array[] = [];
  /** The first of the writes that hang on a condition that varies, and the first that is not marked so. */
  private since = Number.POSITIVE_INFINITY;
  private unmarked = 0;

  constructor(readonly conditions: readonly (Expression | null)[] = []) {}

  get varies(): boolean {
    return this.since <= this.writes.length;
  }

  write(marks: Uint8Array): void {
    this.writes.push(marks);
  }

  /** One of the conditions varies. */
  split(): void {
    this.join();
    this.since = Math.min(this.since, this.writes.length);
  }

  /** Ends inside another branch; `leaves`: some of its paths have left that one, too, or go on elsewhere in it. */
  end(outer: Branch, leaves: boolean): void {
    this.join();
    if (leaves && this.varies) outer.since = Math.min(outer.since, outer.writes.length);
    for (const marks of this.writes) outer.write(marks);
  }

  private join(): void {
    for (const marks of this.writes.slice(Math.max(this.since, this.unmarked))) marks.fill(1);
    this.unmarked = this.writes.length;
  }
}
