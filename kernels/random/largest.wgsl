// By how many standard deviations the largest of some normal numbers lies above their mean, without unit. Twin of largest.ts.
fn largest_of(count: f32) -> f32 {
  let t = sqrt(-2.0 * log(0.625 / (count + 0.25)));
  let above = 2.515517 + t * (0.802853 + t * 0.010328);
  return max(t - above / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))), 0.0);
}
