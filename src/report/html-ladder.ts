import type { Rung, Surroundings } from '../diff/surroundings.ts';
import { type Html, html } from './html-text.ts';

/** Both lanes side by side, the finding's own frames marked. */
export function ladder({ baseline, candidate }: Surroundings): Html {
  return html`<details class="around"><summary>What passed around it <small>seconds from its frame, or from the charger’s frame before it</small></summary>
<div class="lanes"><ol>${baseline.map(rung)}</ol><ol>${candidate.map(rung)}</ol></div></details>
`;
}

function rung({ offsetUs, sender, text, here }: Rung): Html {
  const seconds = `${offsetUs < 0 ? '−' : '+'}${(Math.abs(offsetUs) / 1e6).toFixed(3)}`;
  return html`<li${here && html` class="here"`}><span class="when">${seconds}</span><span class="who">${sender === 'charger' ? 'charger' : 'CSMS'}</span><span>${text}</span></li>`;
}
