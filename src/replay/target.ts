import type { ServerUrl } from '../wire/url.ts';

/**
 * The request target to ask a replay's CSMS for: a target URL without a path takes the recorded path and query as they are; with one,
 * that path, then the recorded raw last segment and query.
 */
export function requestTarget(url: ServerUrl, recorded: string): string {
  const [path, query] = split(recorded.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '') || '/');
  if (url.path === '') return path + query;
  const [base, ownQuery] = split(url.path);
  const segment = path.split('/').findLast((part) => part !== '') ?? '';
  return `${base.replace(/\/+$/, '')}/${segment}${query || ownQuery}`;
}

/** Path, and query with its question mark. */
function split(target: string): [string, string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at)];
}

/** A recorded request target with another identity: its last non-empty path segment, percent-encoded; one without any stays. */
export function withIdentity(recorded: string, identity: string): string {
  const [path, query] = split(recorded);
  const [, authority = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)?(.*)$/is.exec(path) ?? [];
  const live = rest.replace(/[^/]+(\/*)$/, (_, slashes: string) => encodeURIComponent(identity) + slashes);
  return authority + live + query;
}
