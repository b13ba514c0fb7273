import { expect, it } from 'vitest';
import { requirementsCsv, requirementsOf } from '../../src/replay/requirements.ts';
import { stagingMap } from '../../src/replay/staging-map.ts';
import { scriptedReader, scriptedSession } from '../support/scripted-session.ts';

it('lists what the target must know under its own names: chargers, tags, transactions, settings, certificates', async () => {
  const script = scriptedSession(`
    0 open
    1 > MeterValues {"connectorId":2,"transactionId":4711,"meterValue":[]}
    2 < {}
    3 > Authorize {"idTag":"Tag, one"}
    4 < {"idTagInfo":{"status":"Accepted","parentIdTag":"Group"}}
    5 > StartTransaction {"connectorId":1,"idTag":"silent"}
    6 << ChangeConfiguration {"key":"HeartbeatInterval","value":"60"}
    7 >> {"status":"Accepted"}
    8 << ChangeConfiguration {"key":"HeartbeatInterval","value":"no"}
    9 >> {"status":"Rejected"}
    10 << GetInstalledCertificateIds {"certificateType":"CentralSystemRootCertificate"}
    11 >> {"status":"Accepted","certificateHashData":[{"serialNumber":"0A"}]}
    12 << InstallCertificate {"certificateType":"ManufacturerRootCertificate","certificate":"x"}
    13 >> {"status":"Accepted"}
    14 << RemoteStartTransaction {"idTag":"never used"}
    20 end charger fin`);
  const staging = stagingMap({ template: 'STG-{identity}', tags: [['group', 'LAB']] });
  const needs = await requirementsOf({ reader: scriptedReader([script]), staging });
  expect(requirementsCsv(needs).split('\n')).toEqual([
    'kind,name,charger,status,parent,endpoint,connectors,value',
    'charger,STG-CP1,,,,/ocpp,1 2,password',
    'tag,"Tag, one",,Accepted,LAB,,,',
    'tag,silent,,,,,,',
    'transaction,4711,STG-CP1,,,,,',
    'setting,HeartbeatInterval,STG-CP1,,,,,60',
    'certificate,serial number 0A,STG-CP1,CentralSystemRootCertificate,,,,',
    'certificate,not readable,STG-CP1,ManufacturerRootCertificate,,,,',
  ]);
});

it('lists what clones need too, each under the names that it will have', async () => {
  const script = scriptedSession(`
    0 open
    1 > StartTransaction {"connectorId":1,"idTag":"04AB"}
    2 < {"idTagInfo":{"status":"Accepted"},"transactionId":7}
    3 << ChangeConfiguration {"key":"HeartbeatInterval","value":"60"}
    4 >> {"status":"Accepted"}
    20 end charger fin`);
  const csv = async (more: object) =>
    requirementsCsv(await requirementsOf({ reader: scriptedReader([script]), clones: 2, ...more }));
  expect((await csv({})).split('\n')).toEqual([
    'kind,name,charger,status,parent,endpoint,connectors,value',
    'charger,CP1,,,,/ocpp,1,password',
    'charger,CP1~1,,,,/ocpp,1,password',
    'tag,04AB,,Accepted,,,,',
    'tag,15AB,,Accepted,,,,',
    'setting,HeartbeatInterval,CP1,,,,,60',
    'setting,HeartbeatInterval,CP1~1,,,,,60',
  ]);
  expect(await csv({ shard: { index: 2, of: 2 } })).not.toContain('charger,CP1,');
});
