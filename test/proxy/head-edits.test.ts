import { describe, expect, it } from 'vitest';
import { editHead, type HeadEdits } from '../../src/proxy/head-edits.ts';

const nothing: HeadEdits = { basePath: '', host: null, drops: () => false, adds: [] };
const HEAD = 'GET /ocpp/CP 1?a=b HTTP/1.1\r\nhOST:  old:1\r\nX-A: 1\r\n folded\r\nx-a : 2\nB:\r\n\r\n';

describe('editHead', () => {
  it('changes nothing when there is nothing to change', () => {
    expect(editHead(HEAD, nothing)).toBe(HEAD);
  });

  it('takes out headers with their folded lines, whatever their spelling, and adds at the end', () => {
    const edited = editHead(HEAD, {
      ...nothing,
      host: 'csms',
      drops: (name) => name === 'x-a',
      adds: [['C', 'd']],
    });
    expect(edited).toBe('GET /ocpp/CP 1?a=b HTTP/1.1\r\nhOST:  csms\r\nB:\r\nC: d\r\n\r\n');
  });

  it('sees an underscore as a dash, since servers do', () => {
    const drops = (name: string) => name === 'client-cert';
    expect(editHead('GET / HTTP/1.1\r\nClient_Cert: x\r\n\r\n', { ...nothing, drops })).toBe(
      'GET / HTTP/1.1\r\n\r\n',
    );
  });

  it.each([
    ['GET /CP1 HTTP/1.1', 'GET /base/CP1 HTTP/1.1'],
    ['GET / HTTP/1.1', 'GET /base/ HTTP/1.1'],
    ['GET  //x HTTP/1.1', 'GET  /base//x HTTP/1.1'],
    ['GET ws://h:1/CP1?q HTTP/1.1', 'GET ws://h:1/base/CP1?q HTTP/1.1'],
    ['GET ws://h HTTP/1.1', 'GET ws://h/base/ HTTP/1.1'],
    ['GET ?q HTTP/1.1', 'GET /base/?q HTTP/1.1'],
    ['GET CP1 HTTP/1.1', 'GET /base/CP1 HTTP/1.1'],
  ])('puts the base path into %s', (line, expected) => {
    expect(editHead(`${line}\r\n\r\n`, { ...nothing, basePath: '/base' })).toBe(`${expected}\r\n\r\n`);
  });

  it('edits a head with LF line ends and leading blank lines', () => {
    const edits = { ...nothing, basePath: '/b', adds: [['C', 'd']] as const };
    expect(editHead('\r\nGET /x HTTP/1.1\nHost: h\n\n', edits)).toBe(
      '\r\nGET /b/x HTTP/1.1\nHost: h\nC: d\r\n\n',
    );
  });
});
