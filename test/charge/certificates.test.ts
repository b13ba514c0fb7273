import { describe, expect, it } from 'vitest';
import { readProfile } from '../../src/charge/profile-file.ts';
import { type Json, type JsonObject, valueAt } from '../../src/ocpp/json.ts';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { type ClientTls, clientTls } from '../../src/wire/tls-socket.ts';
import { certificateAuthority, readRequest } from '../support/certificate-authority.ts';
import { Desk } from '../support/charger-desk.ts';
import { schemaErrors } from '../support/schema-errors.ts';

const BEGIN_MS = Date.parse('2026-03-02T07:00:00.000Z');
const CENTRAL = 'CentralSystemRootCertificate';
const MANUFACTURER = 'ManufacturerRootCertificate';

/** A charger whose operator can be named. */
const profile = readProfile('keba-m20');
profile.configuration.push({ key: 'CpoName', value: '', readonly: false });

function desk(seed = 7, tls?: ClientTls): Desk {
  const one = new Desk({
    ...(tls && { tls }),
    profile,
    protocol: ocpp16,
    identity: 'CP-1',
    number: 1,
    seed,
    nowMs: BEGIN_MS,
  });
  one.run(5);
  return one;
}

/** The signing request that a trigger brings. */
function requestOf(one: Desk): string {
  const answer = one.command('ExtendedTriggerMessage', { requestedMessage: 'SignChargePointCertificate' });
  expect(answer).toEqual({ status: 'Accepted' });
  one.run(1);
  expect(schemaErrors('SignCertificate', 'call', one.last('SignCertificate'))).toEqual([]);
  return valueAt(one.last('SignCertificate'), ['csr']) as string;
}

function signed(one: Desk, certificateChain: string): Json {
  return one.command('CertificateSigned', { certificateChain });
}

describe('a certificate of its own', () => {
  it('is asked for in PKCS#10, for the serial number and the operator, signed by the key in it', async () => {
    const one = desk();
    one.command('ChangeConfiguration', { key: 'CpoName', value: 'Müller & Söhne' });
    const request = await readRequest(requestOf(one));
    const serial = valueAt(one.last('BootNotification'), ['chargePointSerialNumber']);
    expect(request.subjectName.getField('CN')).toEqual([serial]);
    expect(request.subjectName.getField('O')).toEqual(['Müller & Söhne']);
    expect(request.publicKey.algorithm).toMatchObject({ name: 'ECDSA', namedCurve: 'P-256' });
  });

  it('is asked for in the same words for the same seed, each time for a new key', () => {
    const [one, same, other] = [desk(1), desk(1), desk(2)];
    const first = requestOf(one);
    expect(requestOf(same)).toBe(first);
    expect(requestOf(other)).not.toBe(first);
    expect(requestOf(one)).not.toBe(first);
  });

  it('is taken once, when it is for the key and its chain is sound', async () => {
    const one = desk();
    const authority = await certificateAuthority('CPO');
    const chain = (await authority.sign(requestOf(one))) + authority.root;
    expect(signed(one, chain)).toEqual({ status: 'Accepted' });
    expect(signed(one, chain)).toEqual({ status: 'Rejected' });
  });

  it.each<[string, (csr: string, older: string) => Promise<string>]>([
    ['is no certificate', async () => 'PEM'],
    ['is for an older key', async (_csr, older) => (await certificateAuthority('CPO')).sign(older)],
    [
      'has expired',
      async (csr) =>
        (await certificateAuthority('CPO')).sign(csr, {
          notBefore: new Date('2025-01-01'),
          notAfter: new Date('2026-03-01'),
        }),
    ],
    [
      'is signed by another than its chain says',
      async (csr) =>
        (await (await certificateAuthority('CPO')).sign(csr)) + (await certificateAuthority('CPO')).root,
    ],
    [
      'is longer than a chain may be',
      async (csr) => (await certificateAuthority('CPO')).sign(csr).then((pem) => pem + '\n'.repeat(10_000)),
    ],
  ])('is refused when it %s, and that is a security event', async (_name, make) => {
    const one = desk();
    const older = requestOf(one);
    const chain = await make(requestOf(one), older);
    expect(signed(one, chain)).toEqual({ status: 'Rejected' });
    one.run(1);
    expect(one.last('SecurityEventNotification')).toMatchObject({ type: 'InvalidChargePointCertificate' });
    expect(schemaErrors('SecurityEventNotification', 'call', one.last('SecurityEventNotification'))).toEqual(
      [],
    );
  });

  it('must come from a root that was installed, once there is one', async () => {
    const one = desk();
    const [ours, theirs] = [await certificateAuthority('Ours'), await certificateAuthority('Theirs')];
    one.command('InstallCertificate', { certificateType: CENTRAL, certificate: ours.root });
    const csr = requestOf(one);
    expect(signed(one, await theirs.sign(csr))).toEqual({ status: 'Rejected' });
    expect(signed(one, await ours.sign(csr))).toEqual({ status: 'Accepted' });
  });

  it('is shown over TLS from the next connection on, which comes a second after the answer', async () => {
    const one = desk(7, clientTls());
    const authority = await certificateAuthority('CPO');
    const certificate = await authority.sign(requestOf(one));
    one.effects.length = 0;
    expect(signed(one, certificate + authority.root)).toEqual({ status: 'Accepted' });
    expect(one.effects).toEqual(['certificate', 'end']);
    one.run(0.999);
    expect(one.connections).toHaveLength(1);
    one.run(0.001);
    expect(one.connections).toHaveLength(2);
  });

  it('changes nothing without TLS', async () => {
    const one = desk();
    const chain = await (await certificateAuthority('CPO')).sign(requestOf(one));
    one.effects.length = 0;
    expect(signed(one, chain)).toEqual({ status: 'Accepted' });
    one.run(10);
    expect(one.effects).toEqual([]);
  });

  it('is refused when TLS cannot show it, which matters only where there is TLS', async () => {
    const authority = await certificateAuthority('Weak', { isWeak: true });
    const answers = [desk(7, clientTls()), desk()].map(async (one) =>
      signed(one, (await authority.sign(requestOf(one))) + authority.root),
    );
    expect(await Promise.all(answers)).toEqual([{ status: 'Rejected' }, { status: 'Accepted' }]);
  });

  it('is not awaited when the CSMS will not sign', async () => {
    const one = desk();
    one.answers.SignCertificate = () => ({ status: 'Rejected' });
    const chain = await (await certificateAuthority('CPO')).sign(requestOf(one));
    expect(signed(one, chain)).toEqual({ status: 'Rejected' });
  });
});

describe('root certificates', () => {
  const list = (one: Desk, certificateType: string) =>
    one.command('GetInstalledCertificateIds', { certificateType }) as JsonObject;

  it('are installed, listed by their hashes and deleted by them', async () => {
    const one = desk();
    const { root, certificate } = await certificateAuthority('Root');
    expect(list(one, CENTRAL)).toEqual({ status: 'NotFound' });
    expect(one.command('InstallCertificate', { certificateType: CENTRAL, certificate: root })).toEqual({
      status: 'Accepted',
    });
    const hex = (bytes: ArrayBuffer) => Buffer.from(bytes).toString('hex');
    const listed = list(one, CENTRAL);
    expect(listed).toEqual({
      status: 'Accepted',
      certificateHashData: [
        {
          hashAlgorithm: 'SHA256',
          issuerNameHash: hex(await certificate.issuerName.getThumbprint('SHA-256')),
          issuerKeyHash: hex(await certificate.publicKey.getKeyIdentifier('SHA-256')),
          serialNumber: '8f01',
        },
      ],
    });
    expect(schemaErrors('GetInstalledCertificateIds', 'result', listed)).toEqual([]);
    expect(list(one, MANUFACTURER)).toEqual({ status: 'NotFound' });
    const sha512 = {
      hashAlgorithm: 'SHA512',
      issuerNameHash: hex(await certificate.issuerName.getThumbprint('SHA-512')).toUpperCase(),
      issuerKeyHash: hex(await certificate.publicKey.getKeyIdentifier('SHA-512')),
      serialNumber: '008F01',
    };
    expect(
      one.command('DeleteCertificate', { certificateHashData: { ...sha512, serialNumber: '1' } }),
    ).toEqual({
      status: 'NotFound',
    });
    expect(one.command('DeleteCertificate', { certificateHashData: sha512 })).toEqual({ status: 'Accepted' });
    expect(one.command('DeleteCertificate', { certificateHashData: sha512 })).toEqual({ status: 'NotFound' });
    expect(list(one, CENTRAL)).toEqual({ status: 'NotFound' });
  });

  it('are refused when they are none, vouch for others only, or have no room', async () => {
    const one = desk();
    const authority = await certificateAuthority('Root');
    const install = (certificate: string) =>
      one.command('InstallCertificate', { certificateType: MANUFACTURER, certificate });
    expect(install('PEM')).toEqual({ status: 'Rejected' });
    expect(install(await authority.sign(requestOf(one)))).toEqual({ status: 'Rejected' });
    for (let nth = 1; nth <= 10; nth++) {
      expect(install((await certificateAuthority(`Root ${nth}`)).root)).toEqual({ status: 'Accepted' });
    }
    expect(install(authority.root)).toEqual({ status: 'Rejected' });
  });
});

describe('a signed firmware', () => {
  const firmware = (signingCertificate: string, more: JsonObject = {}) => ({
    requestId: 4,
    firmware: {
      location: 'https://firmware.example/image',
      retrieveDateTime: '2026-03-02T06:00:00Z',
      signature: 'c2ln',
      signingCertificate,
      ...more,
    },
  });
  const told = (one: Desk) => one.actions.filter((action) => action === 'SignedFirmwareStatusNotification');

  it('is told step by step at the times that were asked for, across its restart', async () => {
    const one = desk();
    const statuses: Json[] = [];
    one.answers.SignedFirmwareStatusNotification = (payload) => {
      statuses.push(payload);
      return undefined;
    };
    const { root } = await certificateAuthority('Maker');
    const times = {
      retrieveDateTime: '2026-03-02T07:01:00Z',
      installDateTime: '2026-03-02T07:05:00Z',
    };
    expect(one.command('SignedUpdateFirmware', firmware(root, times))).toEqual({ status: 'Accepted' });
    one.run(30);
    expect(statuses).toEqual([{ status: 'DownloadScheduled', requestId: 4 }]);
    one.run(120);
    expect(statuses.map((one) => valueAt(one, ['status'])).slice(1)).toEqual([
      'Downloading',
      'Downloaded',
      'SignatureVerified',
      'InstallScheduled',
    ]);
    one.run(300);
    expect(statuses.map((one) => valueAt(one, ['status'])).slice(5)).toEqual([
      'Installing',
      'InstallRebooting',
      'Installed',
    ]);
    expect(one.connections).toHaveLength(2);
    for (const status of statuses)
      expect(schemaErrors('SignedFirmwareStatusNotification', 'call', status)).toEqual([]);
  });

  it('begins again when it is asked for again', async () => {
    const one = desk();
    const { root } = await certificateAuthority('Maker');
    one.command('SignedUpdateFirmware', firmware(root));
    expect(one.command('SignedUpdateFirmware', firmware(root))).toEqual({ status: 'AcceptedCanceled' });
    one.run(60);
    expect(told(one)).toHaveLength(6);
  });

  it('is refused when its certificate is none, or of another maker than the installed one', async () => {
    const one = desk();
    expect(one.command('SignedUpdateFirmware', firmware('PEM'))).toEqual({ status: 'InvalidCertificate' });
    const [maker, other] = [await certificateAuthority('Maker'), await certificateAuthority('Other')];
    one.command('InstallCertificate', { certificateType: MANUFACTURER, certificate: maker.root });
    expect(one.command('SignedUpdateFirmware', firmware(other.root))).toEqual({
      status: 'InvalidCertificate',
    });
    one.run(60);
    expect(told(one)).toEqual([]);
    expect(one.last('SecurityEventNotification')).toMatchObject({
      type: 'InvalidFirmwareSigningCertificate',
    });
    expect(one.command('SignedUpdateFirmware', firmware(maker.root))).toEqual({ status: 'Accepted' });
  });
});

describe('a log', () => {
  it('is uploaded step by step, and begun again when it is asked for again', () => {
    const one = desk();
    const statuses: Json[] = [];
    one.answers.LogStatusNotification = (payload) => {
      statuses.push(payload);
      return undefined;
    };
    const log = { remoteLocation: 'https://logs.example/' };
    const get = (requestId: number) => one.command('GetLog', { log, logType: 'SecurityLog', requestId });
    expect(get(1)).toEqual({ status: 'Accepted', filename: 'log.txt' });
    expect(get(2)).toEqual({ status: 'AcceptedCanceled', filename: 'log.txt' });
    one.run(10);
    expect(statuses).toEqual([
      { status: 'Uploading', requestId: 2 },
      { status: 'Uploaded', requestId: 2 },
    ]);
  });
});

describe('a firmware', () => {
  it('is told step by step; the last one once the charger is back', () => {
    const one = desk();
    const statuses: Json[] = [];
    one.answers.FirmwareStatusNotification = ({ status }) => {
      statuses.push(status ?? null);
      return undefined;
    };
    one.command('UpdateFirmware', { location: 'ftp://x/', retrieveDate: '2026-03-02T07:00:00Z' });
    one.run(60);
    expect(statuses).toEqual(['Downloading', 'Downloaded', 'Installing', 'Installed']);
    expect(one.connections.map((texts) => texts.some((text) => text.includes('Installed')))).toEqual([
      false,
      true,
    ]);
  });
});
