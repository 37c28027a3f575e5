// The time of each row of a step's graph: twin of rowTimes.ts. A thread has a stage of a design, or a design whose stages agree.

// Where the workload begins among all.
var<private> own_rows: u32;
var<private> own_stage: u32;
var<private> own_durations: u32;
// Where the scratch words hold the time of each item.
var<private> at_times: u32;
var<private> own_status: u32;

fn group_size(group: u32) -> u32 {
  return rows[own_rows + ROWS_DEGREES + group];
}

fn stride_of(group: u32) -> u32 {
  var stride = 1u;
  for (var inner = 0u; inner < group; inner++) { stride *= group_size(inner); }
  return stride;
}

fn compute_ns(ops: vec2<u32>, elements: vec2<u32>) -> vec2<u32> {
  let peak = system_wide(own_system + SYSTEM_PEAK);
  let memory = double_product(system_wide(own_system + SYSTEM_MEMORY_BANDWIDTH), double_quotient(ops, elements));
  var rate = memory;
  if (less(peak, memory)) { rate = peak; }
  // Without a rate it takes for ever, which no whole number says.
  if (rate.x == 0u) { own_status = max(own_status, ROWS_UNTOLD); }
  return double_whole(double_product(double_quotient(ops, rate), DOUBLE_GIGA));
}

fn row_wide(at: u32) -> vec2<u32> {
  return vec2<u32>(rows[at], rows[at + 1u]);
}

// The plan of an item that is a collective.
fn plan_item(at: u32) -> u32 {
  let group = rows[at + ITEM_GROUP];
  let first = own_stage * stride_of(GROUP_PP);
  return plan_collective(first, stride_of(group), group_size(group), rows[at + ITEM_KIND], row_wide(at + ITEM_AMOUNT));
}

fn item_at(item: u32) -> u32 {
  return own_rows + ROWS_WORDS + item * ITEM_WORDS;
}

fn put_time(item: u32, time: vec2<u32>) {
  scratch[at_times + 2u * item] = time.x;
  scratch[at_times + 2u * item + 1u] = time.y;
}

// A node of no size is skipped for ever.
fn has_no_size(at: u32) -> bool {
  let size = row_wide(at + select(ITEM_AMOUNT, ITEM_ELEMENTS, rows[at + ITEM_GROUP] == NO_GROUP));
  return (size.x | size.y) == 0u;
}

fn gathers_stop() -> bool {
  return rows[own_rows + ROWS_SHARDED] == 1u && stop_at_once(group_size(GROUP_DP));
}

// Computations and flat rings; other collectives are read behind them.
fn read_items() {
  if (gathers_stop()) { own_status = ROWS_STOP; }
  for (var item = 0u; item < rows[own_rows + ROWS_ITEMS]; item++) {
    let at = item_at(item);
    var time = vec2<u32>(0u, 0u);
    if (has_no_size(at)) {
      own_status = ROWS_STOP;
    } else if (rows[at + ITEM_GROUP] == NO_GROUP) {
      time = compute_ns(row_wide(at + ITEM_AMOUNT), row_wide(at + ITEM_ELEMENTS));
      // The first node of the step is one of them.
      if (item == 0u && time.x == 0u && time.y == 0u) { own_status = ROWS_STOP; }
    } else {
      let planned = plan_item(at);
      if (planned == PLANNED_RING) { time = flat_ring(own_plan).xy; }
      if (planned == PLANNED_STOP) { own_status = ROWS_STOP; }
      if (planned == PLANNED_TOO_LARGE) { own_status = max(own_status, ROWS_UNTOLD); }
    }
    put_time(item, time);
  }
}

// Collectives that are followed by their events.
fn read_events() {
  for (var item = 0u; item < rows[own_rows + ROWS_ITEMS]; item++) {
    let at = item_at(item);
    if (has_no_size(at) || rows[at + ITEM_GROUP] == NO_GROUP) { continue; }
    let planned = plan_item(at);
    var result = vec3<u32>(0u, 0u, 1u);
    if (planned == PLANNED_SHOP) {
      result = flow_shop(own_plan);
    } else if (planned == PLANNED_REPLAY) {
      result = replay(own_plan);
    } else {
      continue;
    }
    if (result.z == 0u) { own_status = ROWS_STOP; }
    put_time(item, result.xy);
  }
}

fn write_rows() {
  let count = rows[own_rows + ROWS_ROWS];
  let first_item = item_at(rows[own_rows + ROWS_ITEMS]);
  let out = own_durations + own_stage * count;
  for (var row = 0u; row < count; row++) {
    let at = at_times + 2u * rows[first_item + row];
    durations_ns[out + row] = vec2<u32>(scratch[at], scratch[at + 1u]);
  }
}

// Of each stage that sends them; 0 where it does not.
fn read_sends() {
  let stages = group_size(GROUP_PP);
  let last = stages - 1u;
  let head = rows[own_rows + ROWS_HEAD];
  let stride = stride_of(GROUP_PP);
  let out = own_durations + rows[own_rows + ROWS_STAGES] * rows[own_rows + ROWS_ROWS];
  for (var stage = own_stage; stage < stages; stage += rows[own_rows + ROWS_STAGES]) {
    var goals: array<u32, SENDS>;
    goals[SEND_FORWARD] = min(stage + 1u, last);
    goals[SEND_BACKWARD] = max(stage, 1u) - 1u;
    goals[SEND_TO_HEAD] = select(stage, head, stage == last);
    goals[SEND_FROM_HEAD] = select(stage, last, stage == head);
    for (var send = 0u; send < SENDS; send++) {
      var time = vec2<u32>(0u, 0u);
      if (goals[send] != stage) {
        time = route_ns(own_plan, stage * stride, goals[send] * stride, row_wide(own_rows + ROWS_SENDS + 2u * send));
      }
      durations_ns[out + stage * SENDS + send] = time;
    }
  }
}
