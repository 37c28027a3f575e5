/** Events in the order of their times; those of one time in the order in which they were added (ASTRA-sim's event queue). */
export class EventQueue {
  private readonly times: number[] = [];
  private readonly ranks: number[] = [];
  private readonly events: number[] = [];
  private added = 0;
  /** Time of the last event that was taken. */
  time = 0;

  get size(): number {
    return this.times.length;
  }

  clear(): void {
    this.times.length = 0;
    this.ranks.length = 0;
    this.events.length = 0;
    this.added = 0;
    this.time = 0;
  }

  add(time: number, event: number): void {
    let place = this.times.length;
    const rank = this.added++;
    this.times.push(time);
    this.ranks.push(rank);
    this.events.push(event);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.before(time, rank, parent)) break;
      this.move(parent, place);
      place = parent;
    }
    this.put(place, time, rank, event);
  }

  /** Takes the next event; there must be one. */
  take(): number {
    const first = this.events[0]!;
    this.time = this.times[0]!;
    const time = this.times.pop()!;
    const rank = this.ranks.pop()!;
    const event = this.events.pop()!;
    const count = this.times.length;
    if (count > 0) {
      let place = 0;
      for (let child = 1; child < count; child = 2 * place + 1) {
        if (child + 1 < count && this.before(this.times[child + 1]!, this.ranks[child + 1]!, child)) child++;
        if (this.before(time, rank, child)) break;
        this.move(child, place);
        place = child;
      }
      this.put(place, time, rank, event);
    }
    return first;
  }

  private before(time: number, rank: number, place: number): boolean {
    const other = this.times[place]!;
    return time < other || (time === other && rank < this.ranks[place]!);
  }

  private move(from: number, to: number): void {
    this.put(to, this.times[from]!, this.ranks[from]!, this.events[from]!);
  }

  private put(place: number, time: number, rank: number, event: number): void {
    this.times[place] = time;
    this.ranks[place] = rank;
    this.events[place] = event;
  }
}
