/** How a firmware writes a time (RFC 3339, more or less). */
export interface TimeStyle {
  /** Digits after the seconds. */
  fraction: number;
  /** `Z`, `+00:00`, or nothing. */
  zone: string;
}

/** A time in UTC as the firmware writes it; `ms` since the epoch. */
export function writeTime(ms: number, { fraction, zone }: TimeStyle): string {
  const iso = new Date(ms).toISOString();
  const digits = iso.slice(20, 23).padEnd(fraction, '0').slice(0, fraction);
  return `${iso.slice(0, 19)}${fraction > 0 ? `.${digits}` : ''}${zone}`;
}
