// Lets the official clients sign requests to a server on this machine and prints what arrived there, as JSON.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const accessKeyId = 'ATVECTORVECTORVECTOR';
const accessKeySecret = 'VectorVectorVectorVectorVectorVector2345';
const requests = [];
let name = '';

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  requests.push({
    name,
    method: request.method,
    target: request.url,
    headers: request.headers,
    body: Buffer.concat(chunks).toString('base64'),
  });
  response.setHeader('content-type', 'application/json');
  response.end('{"RequestId":"recorded"}');
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const endpoint = `127.0.0.1:${server.address().port}`;

const hard = { Plain: 'abc', Blank: 'a b+c', Signs: "~!*'()-_.", Unicode: 'äöü €  😀', Empty: '', Slash: 'a/b?c=d&e%20', 'LookupAttribute.1.Key': 'EventName', zulu: 'z', Zulu: 'Z' };
const calls = [
  { name: 'rpc get', style: 'RPC', method: 'GET', pathname: '/', request: { query: hard } },
  { name: 'rpc post form', style: 'RPC', method: 'POST', pathname: '/', request: { query: { Region: 'x y' }, body: { Name: 'my trail*', List: ['a', 'b'] } } },
  { name: 'rpc post empty', style: 'RPC', method: 'POST', pathname: '/', request: {} },
];
const rest = [
  { name: 'roa get', style: 'ROA', method: 'GET', pathname: '/v1/events', request: { query: { eventName: 'A b', pageSize: '2' } } },
  { name: 'roa get escaped', style: 'ROA', method: 'GET', pathname: '/v1/events/a%2Fb%20c', request: {} },
  { name: 'roa get signs', style: 'ROA', method: 'GET', pathname: '/v1/events/a+b*c', request: {} },
  { name: 'roa post json', style: 'ROA', method: 'POST', pathname: '/v1/trails', reqBodyType: 'json', request: { body: { name: 'trail-ü', container: 'c' } } },
  { name: 'roa delete', style: 'ROA', method: 'DELETE', pathname: '/v1/trails/my-trail', request: {} },
];

async function run(library, version, list) {
  const module = require(library);
  const { Config, OpenApiRequest, Params } = module.$OpenApiUtil ?? module;
  const Client = module.default;
  const { RuntimeOptions } = require('@alicloud/tea-util');
  const client = new Client(new Config({ accessKeyId, accessKeySecret, endpoint, protocol: 'HTTP', ...(version === 'v2' ? { signatureVersion: 'v2', signatureAlgorithm: 'v2' } : {}) }));
  for (const call of list) {
    name = `${library} ${version} ${call.name}`;
    const params = new Params({ action: 'LookupEvents', version: '2020-07-06', protocol: 'HTTP', authType: 'AK', bodyType: 'json', reqBodyType: call.reqBodyType ?? 'formData', ...call });
    await client.callApi(params, new OpenApiRequest(call.request), new RuntimeOptions({}));
  }
}

await run('@alicloud/openapi-client', 'v3', [...calls, ...rest]);
await run('@alicloud/openapi-client', 'v2', calls);
await run('@alicloud/openapi-core', 'v3', [...calls, ...rest]);
await run('@alicloud/openapi-core', 'v2', calls);
server.close();
console.log(JSON.stringify({ accessKeyId, accessKeySecret, requests }, null, 1));
process.exit(0);
