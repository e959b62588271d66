targetScope = 'resourceGroup'

metadata description = 'ActionTrail.Functions: everything one installation needs, in one resource group.'

@description('Short name of the installation, part of the tags; resource names add a suffix that is unique to the resource group.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Region of all resources.')
param location string = resourceGroup().location

@description('Redundancy of the data account, which holds the events.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS'])
param dataRedundancy string = 'Standard_ZRS'

@description('Days that events are kept and found; longer keeping is what trails are for.')
@minValue(1)
@maxValue(3650)
param retentionDays int = 90

@description('Blob containers for trails to deliver to. Objects and digests in them cannot be changed or deleted for objectLockDays.')
param trailContainers array = ['audit-trail']

@description('Days for which the objects of the trail containers are immutable. The policy is made unlocked; README.md says how to lock it.')
@minValue(1)
@maxValue(146000)
param objectLockDays int = 365

@description('Partitions of the event hub: how many batches are taken in at once. Cannot be changed later on the Standard tier.')
@minValue(1)
@maxValue(32)
param partitions int = 4

@description('Days that the hub keeps events: the longest outage from which nothing is lost.')
@minValue(1)
@maxValue(7)
param hubRetentionDays int = 7

@description('Throughput units up to which the namespace grows by itself; each takes in 1 MB/s.')
@minValue(1)
@maxValue(40)
param maxThroughputUnits int = 4

@description('Lets Azure Monitor send Activity Log, Entra and resource logs to the hub (connect/). Its diagnostic settings sign with a shared key, so this allows keys on the namespace, with one rule that nobody else uses.')
param acceptDiagnosticSettings bool = false

@description('Whom the hub takes events from: object ids of the service principals of publishers.')
param publisherPrincipalIds array = []

@description('Who may read stored and delivered objects besides the API: object ids of groups of auditors.')
param auditorGroupIds array = []

@description('Address under which clients see the API, for links; empty: the request says it.')
param publicAddress string = ''

@description('Most instances of the app.')
@minValue(40)
@maxValue(1000)
param maxInstances int = 40

@description('Instances kept warm per group, such as { name: \'http\', instanceCount: 1 } or { name: \'function:IngestEvents\', instanceCount: 1 }.')
param alwaysReady array = []

@description('Further settings of the app by name, see docs/settings.md.')
param settings object = {}

@description('OTLP collector for traces, metrics and logs; empty: none are sent.')
param otlpEndpoint string = ''

@description('Password of the user operator, at least 20 characters. Empty: what the vault holds stays.')
@secure()
param operatorKey string = ''

@description('Base64 of 32 random bytes; losing it voids all access keys. Empty: what the vault holds stays.')
@secure()
param encryptionKey string = ''

@description('Base64 of the PKCS#8 of an ECDSA P-256 key that signs checkpoints of the log. Empty: what the vault holds stays.')
@secure()
param checkpointKey string = ''

@description('Whom alerts are sent to; empty: alerts fire unsent.')
param alertEmails array = []

@description('Days that logs of the app and of its resources are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Whether storage, hub and vault are reached through private endpoints only.')
param privateNetworking bool = false

@description('Address space of the virtual network, at least a /24.')
param networkAddress string = '10.61.0.0/24'

var suffix = toLower(uniqueString(resourceGroup().id, environmentName))
var tags = { 'azd-env-name': environmentName }
var hubName = 'audit-events'
var consumerGroup = 'action-trail'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${suffix}'
  location: location
  tags: tags
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    suffix: suffix
    location: location
    tags: tags
    retentionDays: logRetentionDays
  }
}

module hostStorage 'modules/host-storage.bicep' = {
  name: 'host-storage'
  params: {
    suffix: suffix
    location: location
    tags: tags
    isPrivate: privateNetworking
  }
}

module dataStorage 'modules/data-storage.bicep' = {
  name: 'data-storage'
  params: {
    suffix: suffix
    location: location
    tags: tags
    redundancy: dataRedundancy
    trailContainers: trailContainers
    objectLockDays: objectLockDays
    workspaceId: monitoring.outputs.workspaceId
    isPrivate: privateNetworking
  }
}

module eventHub 'modules/event-hub.bicep' = {
  name: 'event-hub'
  params: {
    suffix: suffix
    location: location
    tags: tags
    hubName: hubName
    consumerGroup: consumerGroup
    partitions: partitions
    retentionDays: hubRetentionDays
    maxThroughputUnits: maxThroughputUnits
    acceptDiagnosticSettings: acceptDiagnosticSettings
    workspaceId: monitoring.outputs.workspaceId
    isPrivate: privateNetworking
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    suffix: suffix
    location: location
    tags: tags
    operatorKey: operatorKey
    encryptionKey: encryptionKey
    checkpointKey: checkpointKey
    workspaceId: monitoring.outputs.workspaceId
    isPrivate: privateNetworking
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  params: {
    principalId: identity.properties.principalId
    hostStorageName: hostStorage.outputs.accountName
    dataStorageName: dataStorage.outputs.accountName
    namespaceName: eventHub.outputs.namespaceName
    hubName: hubName
    vaultName: vault.outputs.vaultName
    insightsName: monitoring.outputs.insightsName
    publisherPrincipalIds: publisherPrincipalIds
    auditorGroupIds: auditorGroupIds
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  name: 'network'
  params: {
    suffix: suffix
    location: location
    tags: tags
    addressSpace: networkAddress
    hostStorageId: hostStorage.outputs.accountId
    dataStorageId: dataStorage.outputs.accountId
    namespaceId: eventHub.outputs.namespaceId
    vaultId: vault.outputs.vaultId
  }
}

module functionApp 'modules/function-app.bicep' = {
  name: 'function-app'
  // Without its roles the app refuses to start.
  dependsOn: [roles]
  params: {
    suffix: suffix
    location: location
    tags: tags
    identityId: identity.id
    identityClientId: identity.properties.clientId
    hostStorageName: hostStorage.outputs.accountName
    packageContainer: hostStorage.outputs.packageContainer
    dataStorageName: dataStorage.outputs.accountName
    namespaceName: eventHub.outputs.namespaceName
    hubName: hubName
    consumerGroup: consumerGroup
    vaultUri: vault.outputs.vaultUri
    insightsName: monitoring.outputs.insightsName
    retentionDays: retentionDays
    publicAddress: publicAddress
    maxInstances: maxInstances
    alwaysReady: alwaysReady
    settings: settings
    otlpEndpoint: otlpEndpoint
    workspaceId: monitoring.outputs.workspaceId
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    suffix: suffix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    emails: alertEmails
  }
}

output AZURE_RESOURCE_GROUP string = resourceGroup().name
output SERVICE_TRAIL_NAME string = functionApp.outputs.appName
output ACTIONTRAIL_ADDRESS string = functionApp.outputs.address
output ACTIONTRAIL_EVENT_HUB string = '${eventHub.outputs.namespaceName}.servicebus.windows.net/${hubName}'
output ACTIONTRAIL_DATA_ACCOUNT string = dataStorage.outputs.accountName
output ACTIONTRAIL_VAULT string = vault.outputs.vaultName
output ACTIONTRAIL_DIAGNOSTICS_RULE_ID string = eventHub.outputs.diagnosticsRuleId
