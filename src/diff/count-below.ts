/** How many rows are below a place, of rows whose places ascend. */
export function countBelow<Row>(rows: readonly Row[], place: number, placeOf: (row: Row) => number): number {
  let [from, to] = [0, rows.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (placeOf(rows[middle]!) < place) from = middle + 1;
    else to = middle;
  }
  return from;
}
