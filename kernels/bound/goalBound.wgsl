// What the designs of a box come to at best under a goal. Twin of goalBound.ts; `quantity` and `most_quantity` are printed from
// the catalogue by objectiveProgram.ts.

// The least product that the first objective is made of, in its unit, each output at the end that makes it small.
fn least_product() -> f32 {
  var product = objectives[OBJECTIVE_SCALE];
  for (var term = 0u; term < MAX_TERMS; term++) {
    let at = OBJECTIVE_TERMS + term * TERM_STRIDE;
    let exponent = objectives[at + TERM_EXPONENT];
    if (exponent == 0.0) {
      break;
    }
    let place = u32(objectives[at + TERM_OUTPUT]);
    let value = select(most_quantity(place), quantity(place), exponent > 0.0);
    product *= whole_power(value * objectives[at + TERM_FACTOR], exponent);
  }
  return product;
}

// The limits that all designs of the box break, one bit each in their order.
fn bound_limits() -> u32 {
  var broken = 0u;
  for (var k = 0u; k < request.limit_count; k++) {
    let limit = request.limits[k];
    let place = u32(limit.x);
    let nearest = limit.y * select(most_quantity(place), quantity(place), limit.z > 0.0);
    broken |= select(0u, 1u << k, limit.z * (nearest - limit.w) > 0.0);
    doubtful = doubtful || is_close(nearest, limit.w);
  }
  return broken;
}
