// Times of the rows of designs of one workload, one stage a thread, or one design where stages agree.

// The plan at hand of each thread.
@group(0) @binding(0) var<storage, read_write> plans: array<u32>;
@group(0) @binding(1) var<storage, read_write> scratch: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> systems: array<u32>;
// Whole nanoseconds (high, low).
@group(0) @binding(4) var<storage, read_write> durations_ns: array<vec2<u32>>;
// Of each design ROWS_ENDS where its times are there.
@group(0) @binding(5) var<storage, read_write> statuses: array<atomic<u32>>;
// One after another; see ROWS_THREAD.
@group(0) @binding(6) var<storage, read> threads: array<u32>;

var<private> own_design: u32;

// False where there is no such thread.
fn find_own(thread: u32) -> bool {
  let at = thread * ROWS_THREAD_WORDS;
  if (at >= arrayLength(&threads)) { return false; }
  own_rows = threads[at + ROWS_THREAD_ROWS];
  own_design = threads[at + ROWS_THREAD_DESIGN];
  own_stage = threads[at + ROWS_THREAD_STAGE];
  own_durations = threads[at + ROWS_THREAD_DURATIONS];
  own_system = own_design * SYSTEM_WORDS;
  own_plan = thread * THREAD_PLAN_WORDS;
  at_times = threads[at + ROWS_THREAD_SCRATCH];
  let item_words = 2u * rows[own_rows + ROWS_ITEMS];
  own_scratch = at_times + item_words;
  own_scratch_words = threads[at + ROWS_THREAD_SCRATCH_WORDS] - item_words;
  let dimensions = systems[own_system + SYSTEM_DIMENSIONS];
  let first_dimension = own_plan + PLAN_WORDS;
  plans[own_plan + PLAN_DIMENSIONS] = dimensions;
  plans[own_plan + PLAN_FIRST_DIMENSION] = first_dimension;
  put_wide(own_plan + PLAN_MEMORY_BANDWIDTH, system_wide(own_system + SYSTEM_MEMORY_BANDWIDTH));
  for (var i = 0u; i < dimensions * DIMENSION_WORDS; i++) { plans[first_dimension + i] = systems[dimension_at(0u) + i]; }
  return true;
}

@compute @workgroup_size(ROWS_WORKGROUP_SIZE)
fn read_rows(@builtin(global_invocation_id) id: vec3<u32>) {
  if (!find_own(id.x)) { return; }
  read_items();
  write_rows();
  read_sends();
  atomicMax(&statuses[own_design], own_status);
}

// Behind read_rows, where collectives are no flat rings.
@compute @workgroup_size(ROWS_WORKGROUP_SIZE)
fn read_rows_of_events(@builtin(global_invocation_id) id: vec3<u32>) {
  if (!find_own(id.x) || threads[id.x * ROWS_THREAD_WORDS + ROWS_THREAD_EVENTS] == 0u) { return; }
  read_events();
  write_rows();
  atomicMax(&statuses[own_design], own_status);
}
