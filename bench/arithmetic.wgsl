// As many f32 multiplications and additions as the device can do: eight independent chains of four hide the latency, and eight
// steps of each in a row keep them in registers where there are few.

const ROUNDS: u32 = 64u;

// multiplier, addend: unknown to the compiler
@group(0) @binding(0) var<uniform> factors: vec2<f32>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;

// Eight multiply-adds, one after the other.
fn steps(x: vec4<f32>, m: vec4<f32>, c: vec4<f32>) -> vec4<f32> {
  let x2 = (x * m + c) * m + c;
  let x4 = (x2 * m + c) * m + c;
  let x6 = (x4 * m + c) * m + c;
  return (x6 * m + c) * m + c;
}

@compute @workgroup_size(64)
fn arithmetic(@builtin(global_invocation_id) id: vec3<u32>) {
  let m = vec4<f32>(factors.x);
  let c = vec4<f32>(factors.y);
  var a = vec4<f32>(f32(id.x));
  var b = a + 1.0;
  var d = a + 2.0;
  var e = a + 3.0;
  var f = a + 4.0;
  var g = a + 5.0;
  var h = a + 6.0;
  var k = a + 7.0;
  for (var round = 0u; round < ROUNDS; round++) {
    a = steps(a, m, c);
    b = steps(b, m, c);
    d = steps(d, m, c);
    e = steps(e, m, c);
    f = steps(f, m, c);
    g = steps(g, m, c);
    h = steps(h, m, c);
    k = steps(k, m, c);
  }
  let sum = a + b + d + e + f + g + h + k;
  result[id.x % arrayLength(&result)] = sum.x + sum.y + sum.z + sum.w;
}
