import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { clientCertificateHeaders } from '../../src/proxy/client-certificate.ts';
import { chargerAddressOf, type ForwardingRules, forwardingOf } from '../../src/proxy/forwarding.ts';
import { AddressList } from '../../src/wire/address-list.ts';
import { parseRequestHead } from '../../src/wire/head.ts';
import { authority } from '../support/certificates.ts';

const trusted = new AddressList(['10.0.0.0/8']);
const socket = new net.Socket();
const server = { host: 'csms.internal', port: 8443, path: '/base/', secure: true } as const;
const RULES: ForwardingRules = {
  server: { ...server, path: '' },
  rewritesHost: false,
  clientCertificate: null,
  forwards: false,
  trusted,
};

function edited(
  rules: Partial<ForwardingRules>,
  text: string,
  address: string,
  isSecured = false,
): string | null {
  const head = parseRequestHead(text);
  if (!head) throw new Error('no head');
  return forwardingOf({ ...RULES, ...rules })?.edit(text, head, { socket, address, isSecured }) ?? null;
}

const request = (...headers: string[]) =>
  `GET /CP1 HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;

describe('forwardingOf', () => {
  it('leaves heads as they come when nothing is asked for', () => {
    expect(forwardingOf(RULES)).toBeNull();
  });

  it('puts the base path before the target, and the CSMS into Host', () => {
    expect(edited({ server, rewritesHost: true }, request('Host: charger.example'), '1.1.1.1')).toBe(
      'GET /base/CP1 HTTP/1.1\r\nHost: csms.internal:8443\r\n\r\n',
    );
  });

  it('replaces what a stranger claims, and appends to what a trusted proxy tells', () => {
    const claims = ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-Proto: https', 'Forwarded: for=6.6.6.6'];
    expect(edited({ forwards: true }, request(...claims), '1.1.1.1')).toBe(
      request('X-Forwarded-For: 1.1.1.1', 'X-Forwarded-Proto: http'),
    );
    expect(edited({ forwards: true }, request(...claims), '10.0.0.1')).toBe(
      request('X-Forwarded-Proto: https', 'Forwarded: for=6.6.6.6', 'X-Forwarded-For: 6.6.6.6, 10.0.0.1'),
    );
    expect(edited({ forwards: true }, request(), '10.0.0.1', true)).toBe(
      request('X-Forwarded-For: 10.0.0.1', 'X-Forwarded-Proto: https'),
    );
  });

  it('takes out every claim of a client certificate when it has none to tell', () => {
    const claims = [
      'Client-Cert: :AA:',
      'x_forwarded_client_cert: Hash=1',
      'SSL-Client-Verify: SUCCESS',
      'Host: h',
    ];
    expect(edited({ clientCertificate: 'rfc9440' }, request(...claims), '1.1.1.1')).toBe(request('Host: h'));
  });
});

describe('chargerAddressOf', () => {
  it.each([
    ['1.1.1.1', ['6.6.6.6'], '1.1.1.1'],
    ['10.0.0.1', ['6.6.6.6, 2.2.2.2'], '2.2.2.2'],
    ['10.0.0.1', ['2.2.2.2', '10.0.0.9'], '2.2.2.2'],
    ['10.0.0.1', ['10.0.0.8, 10.0.0.9'], '10.0.0.8'],
    ['10.0.0.1', ['[2001:db8::1]:443'], '2001:db8::1'],
    ['10.0.0.1', ['2.2.2.2:1234'], '2.2.2.2'],
    ['10.0.0.1', [], '10.0.0.1'],
  ])('behind %s with %j is %s', (peer, chains, expected) => {
    const head = parseRequestHead(request(...chains.map((chain) => `X-Forwarded-For: ${chain}`)));
    expect(head && chargerAddressOf(head, peer, trusted)).toBe(expected);
  });
});

describe('clientCertificateHeaders', () => {
  it('tells a certificate in each format so that it can be read again', async () => {
    const { cert } = await (await authority()).issue('SN-1', { organization: 'CPO "x"' });
    const certificate = new X509Certificate(cert);
    const [[, item]] = clientCertificateHeaders('rfc9440', certificate) as [[string, string]];
    expect(new X509Certificate(Buffer.from(item.slice(1, -1), 'base64')).fingerprint256).toBe(
      certificate.fingerprint256,
    );
    const [[, xfcc]] = clientCertificateHeaders('xfcc', certificate) as [[string, string]];
    const pem = decodeURIComponent(/Cert="([^"]+)"/.exec(xfcc)?.[1] ?? '');
    expect(new X509Certificate(pem).fingerprint256).toBe(certificate.fingerprint256);
    expect(xfcc).toContain(`Hash=${certificate.fingerprint256.replaceAll(':', '').toLowerCase()};`);
    const nginx = Object.fromEntries(clientCertificateHeaders('nginx', certificate));
    expect(nginx['ssl-client-verify']).toBe('SUCCESS');
    expect(nginx['ssl-client-subject-dn']).toMatch(/CN=SN-1$/);
    expect(new X509Certificate(decodeURIComponent(nginx['ssl-client-cert'] ?? '')).subject).toBe(
      certificate.subject,
    );
  });
});
