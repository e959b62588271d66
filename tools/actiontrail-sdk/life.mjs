// The life of a trail, lookups and errors through Alibaba Cloud's own client; only endpoint and protocol are ours. Environment: ACTIONTRAIL_ENDPOINT
// (host:port), ACTIONTRAIL_KEY_ID, ACTIONTRAIL_KEY_SECRET, ACTIONTRAIL_CONTAINER. Goes through everything once for each way the client signs.
import assert from 'node:assert/strict';
import OpenApi from '@alicloud/openapi-client';
import Util from '@alicloud/tea-util';

const env = (name) => process.env[name] ?? assert.fail(`${name} is not set`);

function connect(signature, secret = env('ACTIONTRAIL_KEY_SECRET')) {
  const client = new OpenApi.default(new OpenApi.Config({
    accessKeyId: env('ACTIONTRAIL_KEY_ID'),
    accessKeySecret: secret,
    protocol: 'HTTP',
    endpoint: env('ACTIONTRAIL_ENDPOINT'),
    regionId: 'local',
    ...signature,
  }));
  return async (action, parameters = {}, { method = 'POST', asForm = false } = {}) => {
    const params = new OpenApi.Params({
      action, version: '2020-07-06', protocol: 'HTTPS', pathname: '/', method, authType: 'AK', style: 'RPC', reqBodyType: 'formData', bodyType: 'json',
    });
    const flat = flatten(parameters);
    const request = new OpenApi.OpenApiRequest(asForm ? { body: flat } : { query: flat });
    return (await client.callApi(params, request, new Util.RuntimeOptions({ readTimeout: 60_000, connectTimeout: 10_000 }))).body;
  };
}

function flatten(value, prefix = '', into = {}) {
  for (const [key, one] of Array.isArray(value) ? value.map((one, i) => [i + 1, one]) : Object.entries(value)) {
    const name = prefix ? `${prefix}.${key}` : `${key}`;
    if (one !== null && typeof one === 'object') flatten(one, name, into);
    else into[name] = `${one}`;
  }
  return into;
}

async function fails(call, code, status) {
  await assert.rejects(call, (error) => {
    assert.equal(error.code, code, error.message);
    assert.equal(error.data.statusCode, status);
    assert.match(error.message, /request id: [0-9A-F-]{36}/);
    assert.equal(error.data.HostId, env('ACTIONTRAIL_ENDPOINT'));
    return true;
  });
}

async function life(call, wrong, name) {
  const regions = await call('DescribeRegions', {}, { method: 'GET' });
  assert.equal(regions.Regions.Region.length, 1);

  // 1. A trail from its making to its end.
  const made = await call('CreateTrail', { Name: name, OssBucketName: env('ACTIONTRAIL_CONTAINER'), OssKeyPrefix: 'sdk/audit', OssWriteRoleArn: 'acs:ram::1:role/a b+c*~ü' });
  assert.deepEqual([made.Name, made.EventRW, made.OssWriteRoleArn], [name, 'All', 'acs:ram::1:role/a b+c*~ü']);
  await fails(call('CreateTrail', { Name: name, OssBucketName: env('ACTIONTRAIL_CONTAINER') }), 'TrailAlreadyExistsException', 400);
  await fails(call('CreateTrail', { Name: name + 'x', OssBucketName: 'not-there' }), 'InsufficientBucketPolicyException', 403);
  await call('StartLogging', { Name: name });
  await call('UpdateTrail', { Name: name, EventRW: 'Write' }, { asForm: true });
  const [described] = (await call('DescribeTrails', { NameList: name, IncludeShadowTrails: false })).TrailList;
  assert.deepEqual([described.Status, described.EventRW, described.TrailRegion], ['Enable', 'Write', 'All']);
  assert.equal((await call('GetTrailStatus', { Name: name }, { method: 'GET' })).IsLogging, true);

  // 2. Every one of these calls is an event; they are found page by page, each once.
  const wanted = { MaxResults: '2', Direction: 'FORWARD', LookupAttribute: [{ Key: 'ServiceName', Value: 'ActionTrail' }, { Key: 'ResourceName', Value: name }] };
  const names = [];
  const ids = new Set();
  for (let token; token !== '';) {
    const page = await call('LookupEvents', token ? { ...wanted, NextToken: token } : wanted);
    assert.ok(page.Events.length <= 2 && page.StartTime < page.EndTime);
    for (const event of page.Events) {
      names.push(event.eventName);
      ids.add(event.eventId);
    }
    token = page.NextToken;
  }
  assert.equal(ids.size, names.length);
  for (const action of ['CreateTrail', 'StartLogging', 'UpdateTrail']) assert.ok(names.includes(action), `${action} is not among ${names}`);
  const byKey = await call('GetAccessKeyLastUsedProducts', { AccessKey: env('ACTIONTRAIL_KEY_ID') });
  assert.deepEqual(byKey.Products.map((one) => one.ServiceName), ['ActionTrail']);

  // 3. What goes wrong reaches the caller under the original's codes.
  await fails(call('LookupEvents', { MaxResults: 51 }), 'InvalidParameterValue', 400);
  await fails(call('LookupEvents', { LookupAttribute: [{ Key: 'User', Value: 'a' }, { Key: 'EventId', Value: 'b' }] }), 'InvalidParameterValue', 400);
  await fails(call('StartLogging'), 'MissingParameter', 400);
  await fails(call('DescribeNothing'), 'InvalidAction', 400);
  await fails(call('EnableInsight', { InsightType: 'IpInsight' }), 'ActionNotImplemented', 501);
  await fails(wrong('DescribeTrails'), 'SignatureDoesNotMatch', 401);

  // 4. Its end.
  await call('StopLogging', { Name: name }, { method: 'GET' });
  assert.equal((await call('DescribeTrails', { NameList: name })).TrailList[0].Status, 'Disable');
  await call('DeleteTrail', { Name: name }, { asForm: true });
  await fails(call('GetTrailStatus', { Name: name }), 'TrailNotFoundException', 404);
}

const v2 = { signatureAlgorithm: 'v2' };
await life(connect({}), connect({}, 'not-the-secret'), 'sdk-trail-acs3');
await life(connect(v2), connect(v2, 'not-the-secret'), 'sdk-trail-rpc');
console.log('all calls went as they should');
