metadata description = 'What somebody must look at. Two kinds: a log message of the app by its number, and a function that has not run well for too long.'

param suffix string
param location string
param tags object
param workspaceId string

@description('Addresses that alerts are sent to.')
param emails array

// Numbers are those of the app's log messages; README.md has the table, and a test holds both to the code.
var messages = [
  { name: 'events-lost', severity: 0, ids: '1102, 1103, 1105', says: 'Messages are lost to the log: the hub dropped them before they were read, or the store lost writes.' }
  { name: 'events-damaged', severity: 1, ids: '1201, 1202, 1205, 1207, 1212', says: 'Stored objects are missing or cannot be read. Lookups and deliveries that need them fail.' }
  { name: 'not-sealed', severity: 1, ids: '1701', says: 'A partition of the log does not follow what is sealed of it, or lacks a segment: it was changed, cut off or lost.' }
  { name: 'digest-missing', severity: 1, ids: '6402, 6405', says: 'A digest is late by more than an hour, or its trail is blocked: what was delivered meanwhile cannot be proved yet.' }
  { name: 'undelivered', severity: 1, ids: '6104', says: 'A delivery was given up; it stays listed until somebody delivers it again.' }
  { name: 'poison', severity: 1, ids: '6150', says: 'Messages failed for good and lie in a poison queue.' }
  { name: 'ingest-lag', severity: 2, ids: '1111', says: 'Events reach the store minutes after they reached the hub.' }
  { name: 'quarantine', severity: 3, ids: '1107, 1112', says: 'Records that cannot be read went to quarantine.' }
  { name: 'compaction-behind', severity: 3, ids: '1204', says: 'Compaction falls behind; lookups grow slower and ingestion is kept back.' }
  { name: 'clock-doubted', severity: 2, ids: '9120', says: 'The purge does not trust the clock: it deletes less than the retention says, or nothing, until a person vouches for the clock.' }
  { name: 'invocation-failed', severity: 2, ids: '9100', says: 'Invocations fail. Hub and queue invocations are repeated, timers run again at their next time.' }
]
var runs = [
  { name: 'deliveries-not-scheduled', severity: 1, function: 'ScheduleDeliveries', window: 'PT15M', every: 'PT5M' }
  { name: 'compaction-stopped', severity: 2, function: 'CompactSegments', window: 'PT1H', every: 'PT15M' }
  { name: 'sealing-stopped', severity: 2, function: 'SealCheckpoints', window: 'PT1H', every: 'PT15M' }
  { name: 'digests-stopped', severity: 1, function: 'SealDigests', window: 'PT3H', every: 'PT15M' }
  { name: 'purge-failed', severity: 2, function: 'PurgeExpiredEvents', window: 'PT4H', every: 'PT30M' }
]

resource team 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emails)) {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'actiontrail'
    enabled: true
    emailReceivers: [for (email, i) in emails: {
      name: 'team-${i}'
      emailAddress: email
      useCommonAlertSchema: true
    }]
  }
}

resource messageAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for alert in messages: {
  name: 'alert-${alert.name}-${suffix}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'ActionTrail: ${alert.name}'
    description: alert.says
    severity: alert.severity
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      allOf: [
        {
          query: 'AppTraces | extend Id = toint(extract(@"^[a-z]{4}: [\\w.]+\\[(\\d+)\\]", 1, Message)) | where Id in (${alert.ids})'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: empty(emails) ? [] : [team.id]
    }
  }
}]

resource runAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for alert in runs: {
  name: 'alert-${alert.name}-${suffix}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'ActionTrail: ${alert.name}'
    description: '${alert.function} has not run to its end within ${alert.window}.'
    severity: alert.severity
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: alert.every
    windowSize: alert.window
    criteria: {
      allOf: [
        {
          query: 'AppRequests | where OperationName == "${alert.function}" and Success == true'
          timeAggregation: 'Count'
          operator: 'LessThan'
          threshold: 1
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: empty(emails) ? [] : [team.id]
    }
  }
}]

resource hubNotRead 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-hub-not-read-${suffix}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'ActionTrail: hub-not-read'
    description: 'Events come into the hub and nobody takes them out.'
    severity: 1
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      allOf: [
        {
          query: 'AzureMetrics | where ResourceProvider =~ "Microsoft.EventHub" | summarize In = sumif(Total, MetricName =~ "IncomingMessages"), Out = sumif(Total, MetricName =~ "OutgoingMessages") | where In > 0 and Out == 0'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: empty(emails) ? [] : [team.id]
    }
  }
}
