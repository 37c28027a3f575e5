// Runs steps of the astra-sim profile that have one micro-batch, one design a thread.

// Shapes, one after another.
@group(0) @binding(0) var<storage, read> steps: array<u32>;
// Whole nanoseconds (high, low) of the rows of each design.
@group(0) @binding(1) var<storage, read> durations_ns: array<vec2<u32>>;
// Of each design; those of a workgroup lie word by word beside one another.
@group(0) @binding(2) var<storage, read_write> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> results: array<u32>;
// Designs of one shape that run beside one another.
@group(0) @binding(4) var<storage, read> workgroups: array<u32>;

// The shape of the design.
var<private> step: u32;
var<private> state_base: u32;
var<private> durations_base: u32;

fn state_at(word: u32) -> u32 {
  return state_base + word * STEPS_WORKGROUP_SIZE;
}

// Nodes of a layer, with those that fill it up: the same in all graphs of a shape.
fn layer_width() -> u32 {
  return steps[step + STEP_WIDTH];
}

// Drivers unroll loops whose lengths they know, and compile for so much longer.
fn slots() -> u32 {
  return steps[step + STEP_SLOTS];
}

fn elapsed_times() -> u32 {
  return steps[step + STEP_ELAPSED_TIMES];
}

fn time_at(word: u32) -> vec2<u32> {
  return vec2<u32>(state[state_at(word)], state[state_at(word + 1u)]);
}

fn put_time(word: u32, time_ns: vec2<u32>) {
  state[state_at(word)] = time_ns.x;
  state[state_at(word + 1u)] = time_ns.y;
}

@compute @workgroup_size(STEPS_WORKGROUP_SIZE)
fn run_steps(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let workgroup = id.x * STEP_WORKGROUP_WORDS;
  if (lane >= workgroups[workgroup + STEP_WORKGROUP_COUNT]) { return; }
  step = workgroups[workgroup + STEP_WORKGROUP_STEP];
  state_base = workgroups[workgroup + STEP_WORKGROUP_STATE] + lane;
  durations_base = workgroups[workgroup + STEP_WORKGROUP_DURATIONS] + lane * steps[step + STEP_DURATIONS];
  let told = run_step();
  let at = (workgroups[workgroup + STEP_WORKGROUP_FIRST] + lane) * STEP_RESULT_WORDS;
  for (var i = 0u; i < elapsed_times(); i++) {
    results[at + STEP_RESULT_ELAPSED + 2u * i] = last_elapsed[i].x;
    results[at + STEP_RESULT_ELAPSED + 2u * i + 1u] = last_elapsed[i].y;
  }
  results[at + STEP_RESULT_ALL_COMPUTE] = all_compute_ns.x;
  results[at + STEP_RESULT_ALL_COMPUTE + 1u] = all_compute_ns.y;
  results[at + STEP_RESULT_TOLD] = select(0u, 1u, told);
}
