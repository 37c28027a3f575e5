// How ASTRA-sim cuts a collective's buffer into chunks, and which queues those take: twin of chunks.ts.

struct Chunks {
  count: u32,
  // Of none the program would never stop making chunks.
  bytes: vec2<u32>,
}

fn chunks_of(kind: u32, bytes: vec2<u32>) -> Chunks {
  let npus = vec2<u32>(0u, systems[own_system + SYSTEM_NPUS]);
  let chunks = systems[own_system + SYSTEM_CHUNKS];
  let size = quotient(bytes, chunks);
  if (kind != COLLECTIVE_ALL_GATHER && less(size, npus)) { return Chunks(chunks, npus); }
  // The rest has fewer bytes than there are chunks.
  let rest = difference(bytes, times(size, chunks)).y;
  if (size.x > 0u || size.y >= rest) { return Chunks(chunks + min(rest, 1u), size); }
  if (size.y == 0u) { return Chunks(0u, size); }
  return Chunks(chunks + (rest + size.y - 1u) / size.y, size);
}

struct Queues {
  first: u32,
  count: u32,
}

fn queues_of(kind: u32, second: bool) -> Queues {
  let queues = systems[own_system + SYSTEM_QUEUES];
  let aware = systems[own_system + SYSTEM_LOCAL_BANDWIDTH_AWARE] == 1u;
  if (kind != COLLECTIVE_ALL_REDUCE || !aware || queues == 1u) { return Queues(0u, queues); }
  let half = queues / 2u;
  if (second) { return Queues(half, queues - half); }
  return Queues(0u, half);
}

fn servers_of() -> u32 {
  let queues = systems[own_system + SYSTEM_QUEUES];
  return (systems[own_system + SYSTEM_ACTIVE_CHUNKS] + queues - 1u) / queues;
}
