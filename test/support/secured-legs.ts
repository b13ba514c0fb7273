import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { authority } from './certificates.ts';

/** What each party needs for TLS on the legs of a recorder. */
export interface Legs {
  /** Of the CSMS's URL. */
  scheme: 'ws' | 'wss';
  /** Options of the CSMS's HTTPS server; null without TLS. */
  server: { cert: string; key: string } | null;
  /** Options of the chargers' clients. */
  client: { ca?: string };
  /** Flags of the recorder. */
  args: string[];
}

/** Makes certificates, in files of this folder, for the legs that are to be secured. */
export async function securedLegs(folder: string, legs: { charger: boolean; csms: boolean }): Promise<Legs> {
  const ca = await authority();
  const server = await ca.issue('csms');
  const path = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const own = ['--tls-cert', path('cert.pem', server.cert), '--tls-key', path('key.pem', server.key)];
  const trust = ['--upstream-ca', path('ca.pem', ca.cert)];
  return {
    scheme: legs.csms ? 'wss' : 'ws',
    server: legs.csms ? server : null,
    client: legs.charger ? { ca: ca.cert } : {},
    args: [...(legs.charger ? own : []), ...(legs.csms ? trust : [])],
  };
}
