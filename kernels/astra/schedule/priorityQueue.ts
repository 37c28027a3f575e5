/** Items in the order of their keys; those of one key in the order in which they were added. A binary heap. */
export class PriorityQueue {
  private readonly keys: number[] = [];
  private readonly ranks: number[] = [];
  private readonly items: number[] = [];
  private added = 0;
  /** Key of the last item that was taken: in a queue of events, the time. */
  key = 0;

  get size(): number {
    return this.keys.length;
  }

  add(key: number, item: number): void {
    let place = this.keys.length;
    const rank = this.added++;
    this.put(place, key, rank, item);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.before(key, rank, parent)) break;
      this.move(parent, place);
      place = parent;
    }
    this.put(place, key, rank, item);
  }

  /** Takes the first item; there must be one. */
  take(): number {
    const first = this.items[0]!;
    this.key = this.keys[0]!;
    const key = this.keys.pop()!;
    const rank = this.ranks.pop()!;
    const item = this.items.pop()!;
    const count = this.keys.length;
    if (count === 0) return first;
    let place = 0;
    for (let child = 1; child < count; child = 2 * place + 1) {
      if (child + 1 < count && this.before(this.keys[child + 1]!, this.ranks[child + 1]!, child)) child++;
      if (this.before(key, rank, child)) break;
      this.move(child, place);
      place = child;
    }
    this.put(place, key, rank, item);
    return first;
  }

  private before(key: number, rank: number, place: number): boolean {
    const other = this.keys[place]!;
    return key < other || (key === other && rank < this.ranks[place]!);
  }

  private move(from: number, to: number): void {
    this.put(to, this.keys[from]!, this.ranks[from]!, this.items[from]!);
  }

  private put(place: number, key: number, rank: number, item: number): void {
    this.keys[place] = key;
    this.ranks[place] = rank;
    this.items[place] = item;
  }
}
