import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { start } from '../support/binary.ts';
import { certificateAuthority } from '../support/certificate-authority.ts';
import { authority, type Identity } from '../support/certificates.ts';
import { recordedValue, recordingBytes } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Message = [type: number, messageId: string, ...rest: unknown[]];

/** Answers of a CSMS by action; `{}` to all others. */
const ANSWERS: Record<string, object> = {
  BootNotification: { status: 'Accepted', currentTime: '2026-03-02T07:00:00Z', interval: 300 },
  SignCertificate: { status: 'Accepted' },
};

/** One connection of a charger, as its CSMS has it. */
class Line {
  /** Fingerprint of the certificate that the charger showed; null when it showed none. */
  readonly shown: string | null;
  readonly #socket: WebSocket;
  readonly #heard: Message[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket, tls: TLSSocket) {
    this.#socket = socket;
    this.shown = tls.getPeerX509Certificate()?.fingerprint256 ?? null;
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      this.#heard.push(message);
      if (message[0] === 2) this.#say([3, message[1], ANSWERS[String(message[2])] ?? {}]);
      for (const look of this.#waiting) look();
    });
  }

  /** Payload of the charger's first call of this action, once it has made one. */
  async call(action: string): Promise<Record<string, unknown>> {
    const [, , , payload] = await this.#first(([type, , said]) => type === 2 && said === action);
    return payload as Record<string, unknown>;
  }

  /** The charger's result of a command. */
  async command(action: string, payload: object): Promise<unknown> {
    this.#say([2, action, action, payload]);
    const [, , result] = await this.#first(([type, id]) => type === 3 && id === action);
    return result;
  }

  /** How the charger ends it: the close code. */
  async closed(): Promise<number> {
    const [code] = await once(this.#socket, 'close');
    return code as number;
  }

  #say(message: Message): void {
    this.#socket.send(JSON.stringify(message));
  }

  #first(passes: (message: Message) => boolean): Promise<Message> {
    return new Promise((found) => {
      const look = () => {
        const message = this.#heard.find(passes);
        if (!message) return;
        this.#waiting.delete(look);
        found(message);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** A CSMS behind TLS that asks for a certificate and takes any; `arrival` is the next connection of its one charger. */
async function startSecureCsms(identity: Identity) {
  const https = createServer({ ...identity, requestCert: true, rejectUnauthorized: false });
  const sockets = new WebSocketServer({ server: https, handleProtocols: () => 'ocpp1.6' });
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate();
    https.close();
  });
  return {
    url: `wss://127.0.0.1:${(https.address() as AddressInfo).port}`,
    arrival: async () => {
      const [socket, request] = await once(sockets, 'connection');
      return new Line(socket, request.socket);
    },
  };
}

/** The fingerprint of a certificate in PEM. */
function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}

describe('chargetape charge over TLS', () => {
  it('shows the certificate that the CSMS signed for it, from its next connection on', async () => {
    const ca = await authority();
    const [server, given] = [await ca.issue('csms'), await ca.issue('given')];
    const folder = temporaryFolder();
    const pem = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const csms = await startSecureCsms(server);
    const out = join(folder, 'run.db');
    const firstArrival = csms.arrival();
    const charge = start([
      ...['charge', '--target', csms.url, '--out', out, '--profile', 'keba-m20', '--no-people', '--plain'],
      ...['--target-ca', pem('ca.pem', ca.cert)],
      ...['--target-cert', pem('given.pem', given.cert), '--target-key', pem('given.key', given.key)],
    ]);
    onTestFinished(() => void charge.child.kill('SIGKILL'));

    const first = await firstArrival;
    expect(first.shown).toBe(fingerprintOf(given.cert));
    await first.call('BootNotification');
    const trigger = { requestedMessage: 'SignChargePointCertificate' };
    expect(await first.command('ExtendedTriggerMessage', trigger)).toEqual({ status: 'Accepted' });
    const { csr } = await first.call('SignCertificate');
    const operator = await certificateAuthority('Operator');
    const own = await operator.sign(String(csr));
    const [secondArrival, closed] = [csms.arrival(), first.closed()];
    // Chains come glued together, too.
    const certificateChain = own.trim() + operator.root.trim();
    expect(await first.command('CertificateSigned', { certificateChain })).toEqual({ status: 'Accepted' });
    expect(await closed).toBe(1000);

    const second = await secondArrival;
    expect(second.shown).toBe(fingerprintOf(own));
    charge.child.kill('SIGTERM');
    const { code, stderr } = await charge.finished;
    expect(code, stderr).toBe(143);
    expect(recordedValue(out, "SELECT count(*) FROM connection WHERE csms_tls ->> 'verified'")).toBe(2);
    expect(recordingBytes(out).includes('PRIVATE KEY')).toBe(false);
  });
});
