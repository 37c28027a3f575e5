import { PriorityQueue } from '../schedule/priorityQueue.js';

/**
 * Events in the order of their times, those of one time in the order in which they were added: as PriorityQueue has them, but
 * made for many events of the same time, as NPUs that do the same have them. Only times are sorted.
 */
export class TimeQueue {
  size = 0;
  /** Time of the last event that was taken. */
  key = 0;
  /** Events of that time, and how many of them are taken. */
  private present: number[] = [];
  private taken = 0;
  /** Events of later times, and each of these times once. */
  private readonly later = new Map<number, number[]>();
  private readonly times = new PriorityQueue();

  /** @param key not before the last event that was taken */
  add(key: number, item: number): void {
    this.size++;
    if (key === this.key) {
      this.present.push(item);
      return;
    }
    const known = this.later.get(key);
    if (known !== undefined) known.push(item);
    else {
      this.later.set(key, [item]);
      this.times.add(key, 0);
    }
  }

  /** Takes the first event; there must be one. */
  take(): number {
    this.size--;
    if (this.taken === this.present.length) {
      this.times.take();
      this.key = this.times.key;
      this.present = this.later.get(this.key)!;
      this.later.delete(this.key);
      this.taken = 0;
    }
    return this.present[this.taken++]!;
  }
}
