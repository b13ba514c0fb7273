import { ocpp16 } from './ocpp16.ts';
import type { Protocol } from './protocol.ts';

/** Every OCPP version that Chargetape knows; the first is taken for what names none. */
export const PROTOCOLS: readonly [Protocol, ...Protocol[]] = [ocpp16];

/** The protocol of a connection by its chosen subprotocol, without regard to case; a name that is odd, unknown or missing is read as OCPP 1.6. */
export function protocolFor(subprotocol: string | null): Protocol {
  const name = subprotocol?.trim().toLowerCase();
  return PROTOCOLS.find((protocol) => protocol.subprotocol === name) ?? PROTOCOLS[0];
}
