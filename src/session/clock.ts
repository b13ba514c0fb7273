/** A moment (µs since the epoch) as ISO 8601 in UTC, with its microseconds. */
export function isoTime(us: number): string {
  const fraction = String(modulo(us, 1e6)).padStart(6, '0');
  return `${new Date(Math.floor(us / 1e6) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** The day of a moment (µs since the epoch) where this machine stands, `YYYY-MM-DD`. */
export function localDay(us: number): string {
  const date = new Date(us / 1000);
  return [date.getFullYear(), digits(date.getMonth() + 1, 2), digits(date.getDate(), 2)].join('-');
}

/** The time of day of a moment (µs since the epoch) where this machine stands, `HH:MM:SS.mmm`. */
export function localTime(us: number): string {
  const date = new Date(us / 1000);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => digits(part, 2))
    .join(':');
  return `${time}.${digits(date.getMilliseconds(), 3)}`;
}

/** How long something took (µs), as exact as a person wants to know. */
export function durationText(us: number): string {
  if (us < 1000) return `${(us / 1000).toFixed(1)} ms`;
  if (us < 1e6) return `${Math.round(us / 1000)} ms`;
  if (us < 60e6) return `${(us / 1e6).toFixed(1)} s`;
  const seconds = Math.round(us / 1e6);
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3600),
    Math.floor((seconds % 3600) / 60),
    seconds % 60,
  ];
  return hours > 0 ? `${hours} h ${digits(minutes, 2)} min` : `${minutes} min ${digits(rest, 2)} s`;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
