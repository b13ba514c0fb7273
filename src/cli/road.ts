import { admissionOf } from '../proxy/admission.ts';
import { forwardingOf } from '../proxy/forwarding.ts';
import type { ProxyOptions } from '../proxy/proxy.ts';
import { recordOnlyOf } from '../proxy/record-only.ts';
import { AddressList } from '../wire/address-list.ts';
import type { ServerUrl } from '../wire/url.ts';
import type { CertificateFiles } from './certificate-files.ts';
import { connectionBound } from './open-files.ts';
import { recordOnlyRules, type StandingOptions } from './standing-options.ts';
import { type TlsOptions, unreadOf } from './tls-options.ts';

/** The part of a proxy's options that says how connections come in and go on. */
export type Road = Omit<ProxyOptions, 'listen' | 'recorder' | 'log'>;

/** How connections come in and go on, as the flags say. OPEN_FILES, NO_SUCH_FILE, BAD_URL. */
export function roadOf(
  server: ServerUrl,
  certificates: CertificateFiles,
  { tls, standing = { keepalive: 60 } }: { tls?: TlsOptions; standing?: StandingOptions },
): Road {
  const { trustedProxies, allow = [], deny = [] } = standing;
  const trusted = new AddressList(trustedProxies ?? []);
  const maxConnections = connectionBound(standing.maxConnections);
  const { upstreamProxyProtocol: version } = standing;
  return {
    upstream: {
      server,
      tls: certificates.client,
      proxyProtocol: version && (version === 'v1' ? 1 : 2),
    },
    entrance: {
      tls: certificates.server,
      unread: tls ? unreadOf(tls) : [],
      proxyProtocol: standing.proxyProtocol ?? false,
      trusted: trustedProxies ? trusted : null,
    },
    admission: admissionOf({ allow, deny }),
    forwarding: forwardingOf({
      server,
      rewritesHost: standing.rewriteHost ?? false,
      clientCertificate: tls?.clientCa === undefined ? null : tls.clientCertHeader,
      forwards: standing.xForwarded === true || trustedProxies !== undefined,
      trusted,
    }),
    trusted,
    recordOnly: recordOnlyOf(recordOnlyRules(standing)),
    keepAliveMs: standing.keepalive * 1000,
    ...(maxConnections !== undefined && { maxConnections }),
  };
}
