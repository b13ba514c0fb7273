/** A JSON value; integers beyond 2^53 are bigints, so that a charger's 9223372036854775807 survives exactly. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };
