/** JSON of a stored text, or null where SQLite cannot read it (a malformed frame must not end a query). */
const JSON_OF = (payload: string) =>
  `CASE WHEN json_valid(CAST(${payload} AS TEXT)) THEN CAST(${payload} AS TEXT) END`;

/** A UTC time for people from microseconds. */
const TIME_OF = (us: string) =>
  `strftime('%Y-%m-%dT%H:%M:%S', ${us} / 1000000, 'unixepoch') || printf('.%06dZ', ${us} % 1000000)`;

/**
 * The documented, stable views for people who write SQL. They speak OCPP 1.6 by name, as the only place outside `ocpp/`,
 * because they are a part of the file's format.
 */
export const VIEWS_1 = `
CREATE VIEW charger AS
SELECT s.id AS session, s.identity, s.endpoint, s.vendor, s.model, s.firmware,
       count(c.id) AS connections,
       ${TIME_OF('min(c.opened_at_us)')} AS first_opened,
       ${TIME_OF('max(c.closed_at_us)')} AS last_closed
FROM session s LEFT JOIN connection c ON c.session = s.id
GROUP BY s.id;

CREATE VIEW exchange AS
SELECT call.id, c.session, s.identity, s.endpoint, call.connection,
       call.sender AS caller, call.action, call.message_id,
       ${TIME_OF('call.at_us')} AS called, call.at_us AS called_at_us,
       CAST(call.payload AS TEXT) AS call,
       answer.id AS answer_id, answer.message_type AS answer_type, answer.latency_us,
       CAST(answer.payload AS TEXT) AS answer
FROM frame call
JOIN connection c ON c.id = call.connection
LEFT JOIN session s ON s.id = c.session
LEFT JOIN frame answer ON answer.answers = call.id AND answer.flags & 1024 = 0
WHERE call.message_type = 'call';

CREATE VIEW transaction_ AS
WITH step AS (
  SELECT e.id, e.session, e.identity, e.action, e.called,
         ${JSON_OF('e.call')} AS call,
         CASE e.action
           WHEN 'StartTransaction' THEN json_extract(${JSON_OF('e.answer')}, '$[2].transactionId')
           ELSE json_extract(${JSON_OF('e.call')}, '$[3].transactionId')
         END AS transaction_id,
         json_extract(${JSON_OF('e.answer')}, '$[2].idTagInfo.status') AS status
  FROM exchange e
  WHERE e.caller = 'charger' AND e.action IN ('StartTransaction', 'StopTransaction')
), next AS (
  SELECT *, lead(action) OVER same AS next_action, lead(called) OVER same AS next_called, lead(call) OVER same AS next_call
  FROM step WINDOW same AS (PARTITION BY session, transaction_id ORDER BY id)
)
SELECT id, session, identity, transaction_id,
       json_extract(call, '$[3].connectorId') AS connector,
       json_extract(call, '$[3].idTag') AS id_tag,
       status,
       called AS started, json_extract(call, '$[3].meterStart') AS meter_start,
       CASE WHEN stopped THEN next_called END AS stopped,
       CASE WHEN stopped THEN json_extract(next_call, '$[3].meterStop') END AS meter_stop,
       CASE WHEN stopped THEN json_extract(next_call, '$[3].reason') END AS reason
FROM (SELECT *, transaction_id IS NOT NULL AND next_action IS 'StopTransaction' AS stopped FROM next)
WHERE action = 'StartTransaction';

CREATE VIEW status_change AS
WITH notice AS (
  SELECT e.id, e.session, e.identity, e.called AS at, ${JSON_OF('e.call')} AS call
  FROM exchange e WHERE e.caller = 'charger' AND e.action = 'StatusNotification'
), told AS (
  SELECT id, session, identity, at,
         json_extract(call, '$[3].connectorId') AS connector,
         json_extract(call, '$[3].status') AS status,
         json_extract(call, '$[3].errorCode') AS error_code
  FROM notice
), change AS (
  SELECT *, lag(status) OVER same AS previous, lag(error_code) OVER same AS previous_error_code
  FROM told WINDOW same AS (PARTITION BY session, connector ORDER BY id)
)
SELECT id, session, identity, connector, at, previous, status, previous_error_code, error_code
FROM change
WHERE status IS NOT previous OR error_code IS NOT previous_error_code;
`;
