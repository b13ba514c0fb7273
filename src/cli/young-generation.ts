import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at the size it has now. Nearly all that a recorder makes dies within one event-loop turn,
 * so a larger one is no faster, and with thousands of silent chargers it would be half of the memory.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
