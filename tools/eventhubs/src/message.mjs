// What a send request's headers and body mean, as in Azure's "Send event" and "Send batch events".

/** A request that cannot be accepted, with the HTTP status that says so. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const batchContentType = 'application/vnd.microsoft.servicebus.json';

const notProperties = new Set([
  'accept', 'accept-charset', 'accept-encoding', 'accept-language', 'authorization', 'brokerproperties', 'cache-control', 'connection', 'content-length',
  'content-type', 'cookie', 'date', 'expect', 'forwarded', 'host', 'keep-alive', 'max-forwards', 'origin', 'pragma', 'proxy-authorization', 'referer', 'sec-fetch-mode',
  'te', 'trailer', 'transfer-encoding', 'upgrade', 'user-agent', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-ms-retrypolicy', 'traceparent', 'tracestate',
]);

/** Turns a request into `{events, key}`. Throws Refused. */
export function parseSend(contentType, rawHeaders, brokerProperties, body) {
  const broker = brokerProperties === undefined ? {} : parseObject(brokerProperties, 'The BrokerProperties header');
  const key = partitionKey(broker, 'The BrokerProperties header');
  if (mediaType(contentType) === batchContentType) return parseBatch(body, key);
  return { key, events: [{ key, contentType: contentType ?? null, properties: propertiesFromHeaders(rawHeaders), body }] };
}

function mediaType(contentType) {
  return (contentType ?? '').split(';', 1)[0].trim().toLowerCase();
}

function parseBatch(body, headerKey) {
  let items;
  try {
    items = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Refused(400, `The batch is not JSON: ${error.message}`);
  }
  if (!Array.isArray(items)) throw new Refused(400, 'The batch is not a JSON array.');
  if (items.length === 0) throw new Refused(400, 'The batch holds no event.');

  let key = headerKey;
  const events = items.map((item, i) => {
    const where = `Event ${i} of the batch`;
    if (!isObject(item) || typeof item.Body !== 'string') throw new Refused(400, `${where} has no string 'Body'.`);
    const own = item.BrokerProperties == null ? null : partitionKey(object(item.BrokerProperties, `'BrokerProperties' of event ${i}`), where);
    if (own !== null && key !== null && own !== key) throw new Refused(400, `${where} has another partition key than those before it; a batch goes to one partition.`);
    key ??= own;
    const properties = item.UserProperties == null ? null : userProperties(object(item.UserProperties, `'UserProperties' of event ${i}`), where);
    return { key, contentType: null, properties, body: Buffer.from(item.Body, 'utf8') };
  });
  // A key that came late holds for the whole batch, as on the envelope of an AMQP batch.
  if (key !== null) for (const event of events) event.key = key;
  return { key, events };
}

function partitionKey(broker, where) {
  const key = broker.PartitionKey ?? null;
  if (key !== null && typeof key !== 'string') throw new Refused(400, `${where}: 'PartitionKey' is not a string.`);
  if (key !== null && key.length > 128) throw new Refused(400, `${where}: 'PartitionKey' is longer than 128 characters.`);
  return key;
}

function userProperties(given, where) {
  for (const [name, value] of Object.entries(given))
    if (value !== null && typeof value === 'object') throw new Refused(400, `${where}: the property '${name}' is neither text, number nor boolean.`);
  return given;
}

// Every header that HTTP itself does not use is a property; numbers and booleans bare, text in double quotes or bare.
function propertiesFromHeaders(rawHeaders) {
  const properties = {};
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!notProperties.has(rawHeaders[i].toLowerCase())) properties[rawHeaders[i]] = propertyValue(rawHeaders[i + 1]);
  return properties;
}

function propertyValue(text) {
  if (text.length >= 2 && text.startsWith('"') && text.endsWith('"')) {
    try {
      return JSON.parse(text);
    } catch (error) {
      if (error instanceof SyntaxError) return text.slice(1, -1);
      throw error;
    }
  }
  if (/^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : text;
}

function parseObject(text, what) {
  try {
    return object(JSON.parse(text), what);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refused(400, `${what} is not JSON: ${error.message}`);
    throw error;
  }
}

function object(value, what) {
  if (!isObject(value)) throw new Refused(400, `${what} is not a JSON object.`);
  return value;
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
