using 'main.bicep'

// Zone-redundant, reached through private endpoints, one warm instance for the API and one for the hub.
param environmentName = 'production'
param operatorKey = readEnvironmentVariable('ACTIONTRAIL_OPERATOR_KEY', '')
param encryptionKey = readEnvironmentVariable('ACTIONTRAIL_ENCRYPTION_KEY', '')
param checkpointKey = readEnvironmentVariable('ACTIONTRAIL_CHECKPOINT_KEY', '')
param dataRedundancy = 'Standard_ZRS'
param partitions = 16
param maxThroughputUnits = 20
param objectLockDays = 2555
param maxInstances = 100
param alwaysReady = [
  { name: 'http', instanceCount: 1 }
  { name: 'function:IngestEvents', instanceCount: 1 }
]
param settings = {
  ActionTrail__Shards: '16'
  ActionTrail__CreateAccountsOnSight: 'true'
}
param privateNetworking = true
param logRetentionDays = 365
param alertEmails = ['platform-team@example.com']
