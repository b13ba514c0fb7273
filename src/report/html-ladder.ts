import type { Rung, Surroundings } from '../diff/surroundings.ts';
import { type Html, html } from './html-text.ts';

/** Both lanes side by side, the finding's own frames marked. */
export function ladder({ baseline, candidate }: Surroundings): Html {
  return html`<details class="around" open><summary>What passed around it <small>seconds from its frame, or from the charger’s frame before it</small></summary>
<div class="lanes"><div><h4>baseline</h4><ol>${baseline.map(rung)}</ol></div><div><h4>candidate</h4><ol>${candidate.map(rung)}</ol></div></div></details>
`;
}

function rung({ offsetUs, sender, text, here }: Rung): Html {
  const seconds = `${offsetUs < 0 ? '−' : '+'}${(Math.abs(offsetUs) / 1e6).toFixed(3)}`;
  return html`<li${here && html` class="here"`}><span class="when">${seconds}</span><span class="who ${sender}">${sender === 'charger' ? 'charger →' : '← CSMS'}</span><span>${text}</span></li>`;
}
