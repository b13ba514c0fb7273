import type { Profile } from '../../src/charge/profile.ts';
import { profileNames, readProfile } from '../../src/charge/profile-file.ts';
import { QUIRK_SESSIONS } from './quirk-sessions.ts';
import { TRANSPORT_QUIRKS } from './transport-quirks.ts';
import { FLOWS } from './vendor-flows.ts';

/** The page of fixtures/sessions: what there is, and how sure each claim is. Made of the profiles, so that it cannot say otherwise. */
export function vendorPage(): string {
  const profiles = profileNames().map((name) => ({ name, profile: readProfile(name) }));
  return [
    '# Vendor profiles and sessions',
    '',
    'A folder for each make of charger: `profile.yaml` says what it calls itself, how it writes and what it does otherwise than',
    'others, with the source of each claim; every other file is one flow of such a charger against a scripted CSMS, as a capture',
    'that `chargetape import` reads. The sessions are made from the profiles (`node test/support/make-sessions.ts`), in virtual',
    'time, so they are as true as their profile and no truer. No serial number, tag or card number in them is a real one.',
    '',
    '## Levels',
    '',
    'How a claim is known: **seen** as a frame in a public log; **payload-seen**, the payload was printed, its frame is ours;',
    '**reported** by a person or a document; **template**, a simulator that its owner modelled on a device; **inferred** by us;',
    '**synthetic**, invented, because nothing is public. A profile has the level of its boot and style as a whole; what its own',
    'claims do not name is a conforming charger.',
    '',
    '## Profiles',
    '',
    '| profile | charger | level | quirks | claims |',
    '| --- | --- | --- | --- | --- |',
    ...profiles.map(({ name, profile }) => profileRow(name, profile)),
    '',
    '## Flows',
    '',
    `Each profile has each of these ${FLOWS.length} flows, at the level of the profile:`,
    '',
    '| flow | what happens |',
    '| --- | --- |',
    ...FLOWS.map(({ name, title }) => `| ${name} | ${title} |`),
    '',
    '## Quirks',
    '',
    'How Chargetape treats each quirk of the catalogue. Every row has a test: those of transport with raw sockets through the recorder',
    '(`test/quirks/transport.test.ts`), all others as a session that is recorded, replayed and compared through the real binary',
    '(`test/quirks/sessions.test.ts`), whose texts must reach the CSMS and the recording as the charger wrote them.',
    '',
    '| quirk | what | seen at | record | replay | diff |',
    '| --- | --- | --- | --- | --- | --- |',
    ...Object.entries(TRANSPORT_QUIRKS).map(([id, { what, seenAt, record, replay, diff }]) =>
      quirkRow(id, [what, seenAt, record, replay, diff]),
    ),
    ...QUIRK_SESSIONS.map(({ id, what, seenAt, replay, diff }) =>
      quirkRow(id, [what, seenAt, 'as it is', replay, diff]),
    ),
    '',
    '## What each profile claims',
    ...profiles.flatMap(({ name, profile }) => claimsOf(name, profile)),
    '',
    '## A profile of your own',
    '',
    'Give `chargetape charge --profile FILE.yaml`. `src/charge/profile.ts` describes every field; a profile that is not understood',
    'is the error `BAD_PROFILE`, which names the field. In a payload `"$name"` stands for a value; a member whose value is not there',
    'is left out.',
    '',
  ].join('\n');
}

function quirkRow(id: string, cells: readonly string[]): string {
  return `| ${id} | ${cells.join(' | ')} |`;
}

function profileRow(name: string, { title, level, claims }: Profile): string {
  const quirks = [...new Set(claims.flatMap(({ quirk }) => quirk ?? []))].sort();
  return `| [${name}](${name}/profile.yaml) | ${title} | ${level} | ${quirks.join(', ') || '–'} | ${claims.length} |`;
}

function claimsOf(name: string, { title, claims, deviations, sources }: Profile): string[] {
  return [
    '',
    `### ${title}`,
    '',
    `\`${name}\`. Sources: ${sources.join(', ')}.`,
    '',
    '| quirk | what | level | source |',
    '| --- | --- | --- | --- |',
    ...claims.map(({ quirk, what, level, source }) => `| ${quirk ?? ''} | ${what} | ${level} | ${source} |`),
    ...deviations.map(
      ({ action, path, why, source }) => `| schema | ${action} \`${path}\`: ${why} | declared | ${source} |`,
    ),
  ];
}
