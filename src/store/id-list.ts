/** Ascending ids in little room: differences as base-128 numbers (a frame costs two or three bytes). */
export function packIds(ids: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  let before = 0;
  for (const id of ids) {
    let rest = id - before;
    before = id;
    while (rest >= 128) {
      bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** The ids that `packIds` packed. */
export function unpackIds(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  let [id, difference, weight] = [0, 0, 1];
  for (const byte of bytes) {
    difference += (byte % 128) * weight;
    if (byte >= 128) {
      weight *= 128;
      continue;
    }
    id += difference;
    ids.push(id);
    [difference, weight] = [0, 1];
  }
  return ids;
}
