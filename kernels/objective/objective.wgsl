// What is minimised. Twin of objective.ts; `quantity` is printed from the catalogue by objectiveProgram.ts.

// Terms of the goal's longest objective, which a pipeline knows.
override TERM_COUNT: u32 = MAX_TERMS;

// x to a whole power by repeated multiplication, without unit. All turns are taken: a loop that ends by a value of the device holds
// up what stands around it.
fn whole_power(x: f32, exponent: f32) -> f32 {
  var product = 1.0;
  for (var i = 0u; i < MAX_EXPONENT; i++) {
    product *= select(1.0, x, f32(i) < abs(exponent));
  }
  return select(product, 1.0 / product, exponent < 0.0);
}

// 1/r of the reference's reward r = 1/sqrt(1 + (x - 1)^2). Far from 1 the distance itself, whose square f32 does not hold.
fn inverse_reward(x: f32) -> f32 {
  let distance = abs(x - 1.0);
  return select(sqrt(1.0 + distance * distance), distance, distance > FAR_FROM_ONE);
}

// Value of objective k for the current outputs, in its own unit; smaller is better. Terms behind its last have the exponent 0.
fn objective_value(k: u32) -> f32 {
  let offset = k * OBJECTIVE_STRIDE;
  var product = objectives[offset + OBJECTIVE_SCALE];
  for (var term = 0u; term < TERM_COUNT; term++) {
    let at = offset + OBJECTIVE_TERMS + term * TERM_STRIDE;
    let value = quantity(u32(objectives[at + TERM_OUTPUT])) * objectives[at + TERM_FACTOR];
    product *= whole_power(value, objectives[at + TERM_EXPONENT]);
  }
  if (objectives[offset + OBJECTIVE_REWARD] == 0.0) {
    return product;
  }
  return inverse_reward(product);
}
