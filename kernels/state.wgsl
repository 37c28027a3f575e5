// What the simulator keeps of one design: see kernels/state.ts, whose names these are. Times in us, sizes in MB.

// a row of outputs, and why the design is infeasible
var<private> outputs: array<f32, OUTPUT_COUNT>;
var<private> status: u32;

// network, per dimension
var<private> npus: vec4<u32>;
var<private> topology: vec4<u32>;
var<private> link_us_per_mb: vec4<f32>;
var<private> hop_us: vec4<f32>;
// NPUs of a group in a dimension, and the width of NPU numbers that they span there; GROUP_COUNT rows of MAX_DIMENSIONS
var<private> group_factor: array<u32, GROUP_COUNT * MAX_DIMENSIONS>;
var<private> group_span: array<u32, GROUP_COUNT * MAX_DIMENSIONS>;
var<private> group_size: array<u32, GROUP_COUNT>;

// of the last collective
var<private> phase_alpha_us: f32;
var<private> phase_beta_us_per_mb: f32;
var<private> collective_us: f32;
var<private> busy_us: vec4<f32>;
// the last collective of each kind
var<private> known_group: array<u32, COLLECTIVE_COUNT>;
var<private> known_mb: array<f32, COLLECTIVE_COUNT>;
var<private> known_us: array<f32, COLLECTIVE_COUNT>;
var<private> known_busy_us: array<vec4<f32>, COLLECTIVE_COUNT>;

// of the current graph
var<private> graph: u32;
var<private> flags: u32;
var<private> micro_batch: u32;
var<private> micro_batches: u32;
var<private> scales: array<f32, SCALE_COUNT>;

// of the last chain of operations
var<private> chain_us: f32;
var<private> chain_loaded_us: f32;
var<private> chain_compute_us: f32;
var<private> chain_host_us: f32;
var<private> chain_exposed_us: array<f32, GROUP_COUNT>;
var<private> chain_block_us: vec4<f32>;
var<private> chain_saved_mb: f32;
var<private> chain_core_mb: f32;
var<private> chain_largest_mb: f32;
var<private> load_us: vec4<f32>;

// of the current graph, per section
var<private> section_us: array<f32, SECTION_COUNT>;
var<private> section_loaded_us: array<f32, SECTION_COUNT>;
var<private> section_compute_us: array<f32, SECTION_COUNT>;
var<private> section_host_us: array<f32, SECTION_COUNT>;
// tp, sp, ep
var<private> section_exposed_us: array<vec3<f32>, SECTION_COUNT>;
var<private> section_saved_mb: array<f32, SECTION_COUNT>;
var<private> forward_block_us: vec4<f32>;
var<private> backward_block_us: vec4<f32>;
var<private> gather_us: f32;
var<private> gather_busy_us: vec4<f32>;
var<private> first_gather_us: f32;
var<private> gradient_us: f32;
var<private> gradient_busy_us: vec4<f32>;
var<private> forward_period_us: f32;
var<private> backward_period_us: f32;
var<private> last_backward_period_us: f32;

// the current graph's row of outputs, and one for the memory of another stage
var<private> parts: array<f32, OUTPUT_COUNT>;
var<private> other: array<f32, OUTPUT_COUNT>;

// A whole number of the design.
fn design_count(slot: u32) -> u32 {
  return u32(design[slot]);
}
