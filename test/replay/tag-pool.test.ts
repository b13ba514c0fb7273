import { describe, expect, it } from 'vitest';
import { TagCensus } from '../../src/replay/tag-census.ts';
import { assignTags, type PooledTag, parsePool } from '../../src/replay/tag-pool.ts';
import { scriptedSession } from '../support/scripted-session.ts';

/** A session: each entry a tag, what the CSMS said of it (status, parent), and when its transaction ran, s. */
type Uses = [tag: string, status: string | null, parent?: string | null, ran?: [number, number]][];

/** What a census tells of sessions in which tags are used so. */
async function census(...sessions: Uses[]): Promise<TagCensus> {
  const made = new TagCensus();
  for (const [index, uses] of sessions.entries()) {
    const moments: [ms: number, line: string][] = [[0, 'open']];
    for (const [id, [tag, status, parent, ran]] of uses.entries()) {
      const info = `{"idTagInfo":{"status":"${status}"${parent ? `,"parentIdTag":"${parent}"` : ''}}}`;
      moments.push([1, `> Authorize {"idTag":"${tag}"}`]);
      if (status !== null) moments.push([1, `< ${info}`]);
      if (!ran) continue;
      const issued = info.replace('{', `{"transactionId":${index * 100 + id + 1},`);
      moments.push([ran[0] * 1000, `> StartTransaction {"idTag":"${tag}"}`], [ran[0] * 1000, `< ${issued}`]);
      const stop = `> StopTransaction {"transactionId":${index * 100 + id + 1}}`;
      moments.push([ran[1] * 1000, stop], [ran[1] * 1000, '< {}']);
    }
    const script = moments
      .toSorted(([a], [b]) => a - b)
      .map(([ms, line]) => `${ms} ${line}`)
      .join('\n');
    const { session, events } = scriptedSession(script, `CP${index}`, index + 1);
    await made.read(
      session.id,
      (async function* () {
        yield* events;
      })(),
    );
  }
  return made;
}

const POOL: PooledTag[] = [
  { tag: 'OK-1', status: 'Accepted', parent: null },
  { tag: 'OK-2', status: 'Accepted', parent: null },
  { tag: 'NO', status: 'Blocked', parent: null },
  { tag: 'A-1', status: 'Accepted', parent: 'GROUP-A' },
  { tag: 'A-2', status: 'Accepted', parent: 'GROUP-A' },
  { tag: 'A-X', status: 'Expired', parent: 'GROUP-A' },
  { tag: 'B-1', status: 'Accepted', parent: 'GROUP-B' },
];

const assigned = async (pool: PooledTag[], ...sessions: Uses[]) =>
  Object.fromEntries(assignTags((await census(...sessions)).tags, pool));

describe('a pool of tags', () => {
  it('gives each tag one of its outcome, groups together, and a tag that is told to wait one that is accepted', async () => {
    const uses: Uses = [
      ['lone', 'Accepted', 'p-1'],
      ['x', 'Blocked'],
      ['m1', 'Accepted', 'P-2'],
      ['m2', 'Accepted', 'p-2'],
      ['m3', 'Expired', 'p-2'],
      ['busy', 'ConcurrentTx'],
    ];
    expect(await assigned(POOL, uses)).toEqual({
      lone: 'B-1',
      'p-1': 'GROUP-B',
      x: 'NO',
      ...{ m1: 'A-1', m2: 'A-2', m3: 'A-X', 'p-2': 'GROUP-A' },
      busy: 'OK-1',
    });
  });

  it('lets one stand for several, in different sessions and never in two transactions at once', async () => {
    const pool = POOL.slice(0, 2);
    const accepted = (tag: string, ran: [number, number]): Uses[number] => [tag, 'Accepted', null, ran];
    const live = await assigned(
      pool,
      [accepted('a', [10, 20])],
      [accepted('b', [15, 30])],
      [accepted('c', [21, 25])],
      [accepted('d', [31, 40])],
    );
    expect(new Set([live.a, live.b])).toEqual(new Set(['OK-1', 'OK-2']));
    expect(live.c).toBe(live.a);
    expect(['OK-1', 'OK-2']).toContain(live.d);
  });

  it.each<[string, Uses[]]>([
    [
      'two of one session',
      [
        [
          ['a', 'Accepted'],
          ['b', 'Accepted'],
          ['c', 'Accepted'],
        ],
      ],
    ],
    ['three at once', ['a', 'b', 'c'].map((tag, at): Uses => [[tag, 'Accepted', null, [10 + at, 20]]])],
  ])('that does not suffice for %s says what it lacks', async (_, sessions) => {
    await expect(assigned(POOL.slice(0, 3), ...sessions)).rejects.toMatchObject({
      code: 'BAD_LIST',
      message: 'The pools of --idtags do not suffice; no tag is left for: 1 Accepted.',
    });
  });

  it('leaves a tag alone that was never judged, unless it has some for those', async () => {
    expect(await assigned(POOL, [['silent', null]])).toEqual({});
    const pool = [...POOL, { tag: 'WHO', status: 'unknown', parent: null }];
    expect(await assigned(pool, [['silent', null]])).toEqual({ silent: 'WHO' });
  });

  it('is CSV with a header, or JSON with a list for each status; a list of names is none', () => {
    const csv = 'tag,status,parent\n# lab\nA,Accepted,G\n"B",Blocked,\n';
    const pool = [
      { tag: 'A', status: 'Accepted', parent: 'G' },
      { tag: 'B', status: 'Blocked', parent: null },
    ];
    expect(parsePool(csv, 'x')).toEqual(pool);
    expect(parsePool('{"Accepted":[{"tag":"A","parent":"G"}],"Blocked":["B"]}', 'x')).toEqual(pool);
    expect(parsePool('from,to\na,b\n', 'x')).toBeNull();
    expect(parsePool('{"a":"b"}', 'x')).toBeNull();
  });

  it.each([
    'tag,status\nA,\n',
    'tag,status\nA,Accepted\na,Blocked\n',
    '{"Accepted":[1]}',
    '{"Accepted":["a"],"x":"y"}',
  ])('is refused as %j', (text) => {
    expect(() => parsePool(text, 'x')).toThrow(expect.objectContaining({ code: 'BAD_LIST' }));
  });
});
