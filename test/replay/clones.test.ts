import { describe, expect, it } from 'vitest';
import { type Arrivals, cloneMap, isInShard, phaseOf } from '../../src/replay/clones.ts';
import { AS_RECORDED, stagingMap } from '../../src/replay/staging-map.ts';

describe('clones', () => {
  it('have names of their own, as long as the original’s, and no two the same', () => {
    const recorded = ['04ABBE2A', '04ABBE3A', '14ABBE2A'];
    const seen = new Set(recorded);
    for (let clone = 1; clone < 10; clone++) {
      for (const tag of recorded) {
        const live = cloneMap(AS_RECORDED, clone).tag(tag)!;
        expect(live).toHaveLength(tag.length);
        expect(seen.has(`${clone} ${live}`)).toBe(false);
        seen.add(`${clone} ${live}`);
      }
    }
    expect(cloneMap(AS_RECORDED, 12).identity('CP-7')).toBe('CP-7~12');
    expect(cloneMap(AS_RECORDED, 12).tag('FREECHARGINGFREECHARGE')).toBe('FREECHARGINGFREECH12');
    expect(cloneMap(AS_RECORDED, 12).messageId?.('36:352')).toBe('48:473');
  });

  it('are called by what the staging map makes of the original; the original is that itself', () => {
    const staging = stagingMap({ template: 'STG-{identity}', tags: [['A1', 'B5']] });
    expect(cloneMap(staging, 0)).toBe(staging);
    expect(cloneMap(staging, 2).identity('CP')).toBe('STG-CP~2');
    expect(cloneMap(staging, 2).tag('a1')).toBe('B7');
  });

  it('come at times of their own within the spread', () => {
    const ground = { sessions: 7, clones: 100, spanUs: 10_000_000 };
    const phases = Array.from({ length: 100 }, (_, clone) => phaseOf(clone, ground));
    expect(phases[0]).toBe(0);
    expect(new Set(phases).size).toBe(100);
    expect(Math.max(...phases)).toBeLessThan(10_000_000);
  });

  it('arrive one after the other over a time, or so many chargers each second', () => {
    const ground = { sessions: 5, clones: 4, spanUs: 10_000_000 };
    const phases = (arrivals: Arrivals) =>
      [0, 1, 2, 3].map((clone) => phaseOf(clone, { ...ground, arrivals }) / 1e6);
    expect(phases({ overUs: 60_000_000 })).toEqual([0, 15, 30, 45]);
    expect(phases({ perSecond: 10 })).toEqual([0, 0.5, 1, 1.5]);
  });
});

describe('shards', () => {
  it('have each player once', () => {
    const places = Array.from({ length: 10 }, (_, place) => place);
    const shards = [1, 2, 3].map((index) => places.filter((place) => isInShard(place, { index, of: 3 })));
    expect(shards.flat().sort((a, b) => a - b)).toEqual(places);
  });
});
