import { type Command, Option } from 'commander';
import { ChargetapeError } from '../errors.ts';
import type { ClientCertificateHeader } from '../proxy/client-certificate.ts';
import type { Unread } from '../proxy/entrance.ts';
import { globPattern } from '../session/glob.ts';
import { parseServerUrl } from '../wire/url.ts';
import { collect } from './arguments.ts';

/** The flags of `record` about TLS on either leg. */
export interface TlsOptions {
  tlsCert?: string[];
  tlsKey?: string[];
  tlsLegacy?: true;
  clientCa?: string;
  clientCert: 'require' | 'request';
  clientCertHeader: ClientCertificateHeader;
  passthrough?: string[];
  upstreamCa?: string;
  upstreamCert?: string;
  upstreamKey?: string;
  upstreamInsecure?: true;
}

/** Adds the flags about TLS. */
export function withTlsOptions(command: Command): Command {
  return command
    .optionsGroup('TLS:')
    .option('--tls-cert <file>', 'speak wss to chargers: PEM certificate and chain; may be repeated', collect)
    .option('--tls-key <file>', 'PEM key of the certificate in the same place; may be repeated', collect)
    .option('--tls-legacy', 'also speak TLS 1.0 and 1.1 to chargers, for those that cannot do better')
    .option('--client-ca <file>', 'PEM authorities of client certificates, which chargers are asked for')
    .addOption(
      new Option('--client-cert <mode>', 'with --client-ca: whether a charger must show a certificate')
        .choices(['require', 'request'])
        .default('require'),
    )
    .addOption(
      new Option('--client-cert-header <format>', 'how the CSMS is told the verified client certificate')
        .choices(['rfc9440', 'xfcc', 'nginx'])
        .default('rfc9440'),
    )
    .option(
      '--passthrough <sni[=host:port]>',
      'leave TLS to server names of this glob unread; may be repeated',
      collect,
    )
    .option('--upstream-ca <file>', 'PEM authorities of the CSMS, instead of the usual roots')
    .option('--upstream-cert <file>', 'PEM client certificate to show to the CSMS')
    .option('--upstream-key <file>', 'PEM key of --upstream-cert')
    .option('--upstream-insecure', 'take any certificate of the CSMS: for test systems only');
}

/** The files that TLS is made of, and how. */
export interface TlsFiles {
  /** Pairs of certificate and key; none for a plain port. */
  certificates: { cert: string; key: string }[];
  legacy: boolean;
  clientCa: string | null;
  clientCertificate: 'require' | 'request';
  upstreamCa: string | null;
  upstreamCertificate: { cert: string; key: string } | null;
  insecure: boolean;
}

/** The files that these flags name. USAGE when they do not go together. */
export function tlsFilesOf(options: TlsOptions): TlsFiles {
  const { tlsCert = [], tlsKey = [], clientCa = null, upstreamCert, upstreamKey } = options;
  if (tlsCert.length !== tlsKey.length)
    throw usage('Each --tls-cert needs its --tls-key, in the same order.');
  if ((upstreamCert === undefined) !== (upstreamKey === undefined)) {
    throw usage('--upstream-cert and --upstream-key go together.');
  }
  const needsTls = {
    '--client-ca': clientCa,
    '--tls-legacy': options.tlsLegacy,
    '--passthrough': options.passthrough,
  };
  for (const [flag, value] of Object.entries(needsTls)) {
    if (value && tlsCert.length === 0) throw usage(`${flag} needs --tls-cert and --tls-key.`);
  }
  return {
    certificates: tlsCert.map((cert, i) => ({ cert, key: tlsKey[i] ?? '' })),
    legacy: options.tlsLegacy ?? false,
    clientCa,
    clientCertificate: options.clientCert,
    upstreamCa: options.upstreamCa ?? null,
    upstreamCertificate:
      upstreamCert !== undefined && upstreamKey !== undefined
        ? { cert: upstreamCert, key: upstreamKey }
        : null,
    insecure: options.upstreamInsecure ?? false,
  };
}

/** The server names that stay unread. BAD_URL. */
export function unreadOf({ passthrough = [] }: TlsOptions): Unread[] {
  return passthrough.map((text) => {
    const [name = '', address] = text.split('=');
    const to = address === undefined ? null : parseServerUrl(`wss://${address}`);
    return { serverName: globPattern(name.toLowerCase()), to };
  });
}

function usage(sentence: string): ChargetapeError {
  return new ChargetapeError('USAGE', sentence);
}
