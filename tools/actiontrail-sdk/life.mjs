// The life of a trail, lookups, a history job and errors through Alibaba Cloud's own client; only endpoint and protocol are ours. Environment: ACTIONTRAIL_ENDPOINT
// (host:port) and ACTIONTRAIL_CALLERS, the management account, a delegated administrator and a member of one directory, in this order:
// [{"account","keyId","secret","container"}]. Goes through the life of a trail for each of them and for each way the client signs, then of the directory's trail.
import assert from 'node:assert/strict';
import OpenApi from '@alicloud/openapi-client';
import Util from '@alicloud/tea-util';

const env = (name) => process.env[name] ?? assert.fail(`${name} is not set`);

function connect({ keyId, secret }, signature = {}) {
  const client = new OpenApi.default(new OpenApi.Config({
    accessKeyId: keyId,
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

async function life(caller, signature, name) {
  const [call, wrong, { container }] = [connect(caller, signature), connect({ ...caller, secret: 'not-the-secret' }, signature), caller];
  const regions = await call('DescribeRegions', {}, { method: 'GET' });
  assert.equal(regions.Regions.Region.length, 1);

  // 1. A trail from its making to its end.
  const made = await call('CreateTrail', { Name: name, OssBucketName: container, OssKeyPrefix: 'sdk/audit', OssWriteRoleArn: 'acs:ram::1:role/a b+c*~ü' });
  assert.deepEqual([made.Name, made.EventRW, made.OssWriteRoleArn], [name, 'All', 'acs:ram::1:role/a b+c*~ü']);
  await fails(call('CreateTrail', { Name: name, OssBucketName: container }), 'TrailAlreadyExistsException', 400);
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
  const byKey = await call('GetAccessKeyLastUsedProducts', { AccessKey: caller.keyId });
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

// What was stored before the trail logged is delivered by a job, and counted by day.
async function history(caller, name) {
  const call = connect(caller);
  const counts = (await call('DescribeUserLogCount')).Data;
  assert.ok(counts.Dates.length === 30 && counts.Counts.length === 30 && counts.Counts.some((count) => count > 0));
  await call('CreateTrail', { Name: name, OssBucketName: caller.container });
  await call('StartLogging', { Name: name });
  const { JobId } = await call('CreateDeliveryHistoryJob', { TrailName: name, ClientToken: `token-${name}` });
  assert.equal((await call('CreateDeliveryHistoryJob', { TrailName: name, ClientToken: `token-${name}` })).JobId, JobId);
  await fails(call('CreateDeliveryHistoryJob', { TrailName: name }), 'DeliveryHistoryJobRunningException', 409);
  let job;
  for (const until = Date.now() + 240_000; job?.JobStatus !== 2 && Date.now() < until; await new Promise((resolve) => { setTimeout(resolve, 1000); })) {
    job = await call('GetDeliveryHistoryJob', { JobId });
    assert.ok(job.JobStatus < 3, JSON.stringify(job));
  }
  assert.deepEqual([job.JobStatus, job.Status, job.TrailName], [2, [{ Region: job.HomeRegion, Status: 2 }], name]);
  assert.ok(job.StartTime < job.CreatedTime && job.CreatedTime <= job.UpdatedTime);
  const list = await call('ListDeliveryHistoryJobs', { PageNumber: 1, PageSize: 10 });
  assert.deepEqual([list.TotalCount, list.DeliveryHistoryJobs[0].JobId], [1, JobId]);
  await call('DeleteDeliveryHistoryJob', { JobId });
  await fails(call('GetDeliveryHistoryJob', { JobId }), 'DeliveryHistoryJobNotFoundException', 404);
}

// The trail of the directory: the management account and its delegated administrator rule it, members see it and what is theirs.
async function directory([boss, admin, member]) {
  const [bosses, admins, members] = [boss, admin, member].map((caller) => connect(caller));
  await fails(members('CreateTrail', { Name: 'sdk-all', OssBucketName: member.container, IsOrganizationTrail: true }), 'NotOrganizationMasterAccount', 403);
  await bosses('CreateTrail', { Name: 'sdk-all', OssBucketName: boss.container, IsOrganizationTrail: true });
  await admins('StartLogging', { Name: 'sdk-all' });
  await admins('UpdateTrail', { Name: 'sdk-all', EventRW: 'Write' });
  assert.deepEqual((await members('DescribeTrails', { NameList: 'sdk-all' })).TrailList, []);
  const [shadow] = (await members('DescribeTrails', { NameList: 'sdk-all', IncludeShadowTrails: true })).TrailList;
  assert.deepEqual([shadow.IsOrganizationTrail, shadow.Status, shadow.EventRW, shadow.OssBucketName], [true, 'Enable', 'Write', undefined]);
  for (const action of ['StopLogging', 'DeleteTrail', 'UpdateTrail', 'GetTrailStatus'])
    await fails(members(action, { Name: 'sdk-all', ...(action === 'GetTrailStatus' ? { IsOrganizationTrail: true } : {}) }), 'NotOrganizationMasterAccount', 403);
  await fails(bosses('CreateDeliveryHistoryJob', { TrailName: 'sdk-all' }), 'InvalidParameterValue', 400);
  assert.equal((await admins('GetTrailStatus', { Name: 'sdk-all', IsOrganizationTrail: true })).IsLogging, true);
  for (const [call, { account }] of [[bosses, boss], [admins, admin], [members, member]]) {
    const found = (await call('LookupEvents', { LookupAttribute: [{ Key: 'EventName', Value: 'OldEvent' }], StartTime: timeText(-80), EndTime: timeText(1) })).Events;
    assert.deepEqual([...new Set(found.map((event) => event.recipientAccountId))], [account]);
  }
  await admins('StopLogging', { Name: 'sdk-all' });
  await bosses('DeleteTrail', { Name: 'sdk-all' });
  assert.deepEqual((await members('DescribeTrails', { IncludeShadowTrails: true, NameList: 'sdk-all' })).TrailList, []);
}

const timeText = (days) => new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+Z/, 'Z');
const callers = JSON.parse(env('ACTIONTRAIL_CALLERS'));
assert.equal(callers.length, 3);
await Promise.all(callers.map((caller, i) => history(caller, `sdk-history-${i}`)));
await Promise.all(callers.map(async (caller, i) => {
  await life(caller, {}, `sdk-trail-acs3-${i}`);
  await life(caller, { signatureAlgorithm: 'v2' }, `sdk-trail-rpc-${i}`);
}));
await directory(callers);
console.log('all calls went as they should');
