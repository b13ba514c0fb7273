import type { Bay, StopReason } from './bay.ts';

/** What people and the weather do to a charger. */
export type Act =
  | { kind: 'plug' | 'unplug' | 'resume' | 'clear'; connector: number }
  | { kind: 'tap'; connector: number; tag: string }
  | { kind: 'suspend'; connector: number; by: 'SuspendedEV' | 'SuspendedEVSE' }
  | { kind: 'fault'; connector: number; errorCode: string }
  | { kind: 'stop'; connector: number; reason: StopReason }
  /** The connection is lost; it comes back as this make does, or after so long. */
  | { kind: 'drop'; forMs?: number }
  /** The power fails, and comes back. */
  | { kind: 'power'; forMs: number }
  /** Is switched off for good, in good order. */
  | { kind: 'leave' };

/** Does to a connector what is done there. */
export function actOn(bay: Bay, act: Exclude<Act, { kind: 'drop' | 'power' | 'leave' }>): void {
  switch (act.kind) {
    case 'plug':
      bay.plug();
      break;
    case 'unplug':
      bay.unplug();
      break;
    case 'tap':
      bay.tap(act.tag);
      break;
    case 'suspend':
      bay.suspend(act.by);
      break;
    case 'resume':
      bay.resume();
      break;
    case 'fault':
      bay.fail(act.errorCode);
      break;
    case 'clear':
      bay.recover();
      break;
    case 'stop':
      bay.stop(act.reason);
      break;
  }
}
