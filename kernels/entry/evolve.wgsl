// Generations of designs that stay on the device: children are bred, simulated and ranked where their parents are.

struct Evolution {
  seed: u32,
  islands: u32,
  // slots of an island
  population: u32,
  tournament: u32,
  // shares of 2^32
  crossover: u32,
  migration: u32,
  mutation: u32,
  // where the best fitness of each workgroup is kept among the tallies
  elites: u32,
  // genes with several values: number of the gene, and its NEARNESS_* · 2^16
  open_genes: array<vec4<u32>, OPEN_GENE_VECTORS>,
}

struct Generation {
  number: u32,
  // children that are made; the designs of further slots stay
  count: u32,
  // where parents and their successors begin
  parents: u32,
  children: u32,
  // where the tally begins
  tally: u32,
}

// populations in columns: the bits of all fitnesses, then each word of all rows, see kernels/evolution/rows.ts
@group(2) @binding(0) var<storage, read_write> population: array<u32>;
// TALLY_* words for each generation, then the best fitness of each workgroup
@group(2) @binding(1) var<storage, read_write> tallies: array<atomic<u32>>;
@group(2) @binding(2) var<uniform> evolution: Evolution;
@group(2) @binding(3) var<uniform> generation: Generation;

var<workgroup> group_tally: array<atomic<u32>, TALLY_FITNESS>;
// complements, so that the largest is the best: memory begins as 0
var<workgroup> best_fitness: atomic<u32>;
var<workgroup> best_group: atomic<u32>;
var<workgroup> best_slot: atomic<u32>;

fn slot_count() -> u32 {
  return evolution.islands * evolution.population;
}

// Where a word of a slot's row lies in the population that begins at `begin`.
fn row_word(begin: u32, slot: u32, word: u32) -> u32 {
  return begin + (word + 1u) * slot_count() + slot;
}

// Fitness of the design in a slot of the parents; smaller is better.
fn parent_fitness(slot: u32) -> f32 {
  return bitcast<f32>(population[generation.parents + slot]);
}

// A word of its row.
fn parent_word(slot: u32, word: u32) -> u32 {
  return population[row_word(generation.parents, slot, word)];
}

// Counts a design that is infeasible, by its reasons and limits: most are feasible, and need no atomic operation.
fn count_design(reasons: u32, broken: u32) {
  if (reasons == 0u && broken == 0u) {
    return;
  }
  atomicAdd(&group_tally[TALLY_INFEASIBLE], 1u);
  for (var rest = reasons; rest != 0u; rest &= rest - 1u) {
    atomicAdd(&group_tally[TALLY_REASONS + countTrailingZeros(rest)], 1u);
  }
  for (var rest = broken; rest != 0u; rest &= rest - 1u) {
    atomicAdd(&group_tally[TALLY_LIMITS + countTrailingZeros(rest)], 1u);
  }
}

// Simulates the child, and counts it. Its fitness.
fn evaluate_child() -> f32 {
  fix_design();
  decode_row();
  let reasons = simulate(skipped_statuses()) & request.infeasible;
  count_design(reasons, broken_limits());
  return fitness(objective_value(0u), violation(reasons));
}

// Fills a slot of the next generation: with its child, or with its parent where that is better. Its fitness.
fn succeed(slot: u32) -> f32 {
  var best = parent_fitness(slot);
  var stays = true;
  if (slot < generation.count) {
    breed(slot);
    let mine = evaluate_child();
    // Of equals the younger: neutral steps lead across plateaus.
    stays = best < mine;
    best = select(mine, best, stays);
  }
  population[generation.children + slot] = bitcast<u32>(best);
  for (var word = 0u; word < ROW_WORDS; word++) {
    if (stays) {
      row[word] = parent_word(slot, word);
    }
    population[row_word(generation.children, slot, word)] = row[word];
  }
  return best;
}

// Offers the bits of a fitness for the best of the workgroup. Most are not the best: a look is cheaper than an atomic operation.
fn offer_fitness(bits: u32) {
  if (~bits > atomicLoad(&best_fitness)) {
    atomicMax(&best_fitness, ~bits);
  }
}

// One generation, a thread for each slot.
@compute @workgroup_size(WORKGROUP_SIZE)
fn evolve(
  @builtin(workgroup_id) group_id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group_index = group_id.y * groups.x + group_id.x;
  let slot = group_index * WORKGROUP_SIZE + lane;
  if (slot < slot_count()) {
    offer_fitness(bitcast<u32>(succeed(slot)));
  }
  workgroupBarrier();
  for (var i = lane; i < TALLY_FITNESS; i += WORKGROUP_SIZE) {
    let count = atomicLoad(&group_tally[i]);
    if (count != 0u) {
      atomicAdd(&tallies[generation.tally + i], count);
    }
  }
  if (lane == 0u) {
    atomicStore(&tallies[evolution.elites + group_index], ~atomicLoad(&best_fitness));
  }
}

// Is this the best of the generation?
fn is_best(bits: u32) -> bool {
  return ~bits == atomicLoad(&best_fitness);
}

// The best design of the generation, of equals the first: one workgroup finds the best fitness, then the first workgroup that
// had it, then the first slot there.
@compute @workgroup_size(WORKGROUP_SIZE)
fn elect(@builtin(local_invocation_index) lane: u32) {
  let groups = (slot_count() + WORKGROUP_SIZE - 1u) / WORKGROUP_SIZE;
  for (var i = lane; i < groups; i += WORKGROUP_SIZE) {
    offer_fitness(atomicLoad(&tallies[evolution.elites + i]));
  }
  workgroupBarrier();
  for (var i = lane; i < groups; i += WORKGROUP_SIZE) {
    if (is_best(atomicLoad(&tallies[evolution.elites + i]))) {
      atomicMax(&best_group, ~i);
    }
  }
  workgroupBarrier();
  let slot = ~atomicLoad(&best_group) * WORKGROUP_SIZE + lane;
  if (slot < slot_count() && is_best(population[generation.children + slot])) {
    atomicMax(&best_slot, ~slot);
  }
  workgroupBarrier();
  for (var word = lane; word < ROW_WORDS; word += WORKGROUP_SIZE) {
    let place = row_word(generation.children, ~atomicLoad(&best_slot), word);
    atomicStore(&tallies[generation.tally + TALLY_ROW + word], population[place]);
  }
  if (lane == 0u) {
    atomicStore(&tallies[generation.tally + TALLY_FITNESS], ~atomicLoad(&best_fitness));
  }
}
