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
  /** Events of later times, and these times as a binary heap. */
  private readonly later = new Map<number, number[]>();
  private readonly times: number[] = [];

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
      this.addTime(key);
    }
  }

  /** Takes the first event; there must be one. */
  take(): number {
    this.size--;
    if (this.taken === this.present.length) {
      this.key = this.takeTime();
      this.present = this.later.get(this.key)!;
      this.later.delete(this.key);
      this.taken = 0;
    }
    return this.present[this.taken++]!;
  }

  private addTime(time: number): void {
    const times = this.times;
    let place = times.length;
    times.push(time);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (times[parent]! <= time) break;
      times[place] = times[parent]!;
      place = parent;
    }
    times[place] = time;
  }

  private takeTime(): number {
    const times = this.times;
    const first = times[0]!;
    const time = times.pop()!;
    const count = times.length;
    let place = 0;
    for (let child = 1; child < count; child = 2 * place + 1) {
      if (child + 1 < count && times[child + 1]! < times[child]!) child++;
      if (time <= times[child]!) break;
      times[place] = times[child]!;
      place = child;
    }
    if (count > 0) times[place] = time;
    return first;
  }
}
