// Items in the order of their times, those of one time as they were added: twin of priorityQueue.ts. A binary heap in the
// thread's scratch words, four to an entry: time (high, low), rank, item.

var<private> heap_base: u32;
var<private> heap_size: u32;
var<private> heap_added: u32;
// Time of the last item that was taken, ns.
var<private> now: vec2<u32>;

fn heap_clear() {
  heap_size = 0u;
  heap_added = 0u;
  now = vec2<u32>(0u, 0u);
}

fn heap_before(time: vec2<u32>, rank: u32, place: u32) -> bool {
  let at = heap_base + 4u * place;
  let other = vec2<u32>(scratch[at], scratch[at + 1u]);
  if (time.x != other.x) { return time.x < other.x; }
  if (time.y != other.y) { return time.y < other.y; }
  return rank < scratch[at + 2u];
}

fn heap_put(place: u32, time: vec2<u32>, rank: u32, item: u32) {
  let at = heap_base + 4u * place;
  scratch[at] = time.x;
  scratch[at + 1u] = time.y;
  scratch[at + 2u] = rank;
  scratch[at + 3u] = item;
}

fn heap_move(origin: u32, goal: u32) {
  let at = heap_base + 4u * origin;
  heap_put(goal, vec2<u32>(scratch[at], scratch[at + 1u]), scratch[at + 2u], scratch[at + 3u]);
}

fn heap_add(time: vec2<u32>, item: u32) {
  var place = heap_size;
  let rank = heap_added;
  heap_added++;
  heap_size++;
  while (place > 0u) {
    let parent = (place - 1u) / 2u;
    if (!heap_before(time, rank, parent)) { break; }
    heap_move(parent, place);
    place = parent;
  }
  heap_put(place, time, rank, item);
}

fn heap_take() -> u32 {
  let first = scratch[heap_base + 3u];
  now = vec2<u32>(scratch[heap_base], scratch[heap_base + 1u]);
  heap_size--;
  if (heap_size == 0u) { return first; }
  let last = heap_base + 4u * heap_size;
  let time = vec2<u32>(scratch[last], scratch[last + 1u]);
  let rank = scratch[last + 2u];
  let item = scratch[last + 3u];
  var place = 0u;
  var child = 1u;
  while (child < heap_size) {
    let right = heap_base + 4u * (child + 1u);
    if (child + 1u < heap_size && heap_before(vec2<u32>(scratch[right], scratch[right + 1u]), scratch[right + 2u], child)) {
      child++;
    }
    if (heap_before(time, rank, child)) { break; }
    heap_move(child, place);
    place = child;
    child = 2u * place + 1u;
  }
  heap_put(place, time, rank, item);
  return first;
}
