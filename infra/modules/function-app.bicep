metadata description = 'The app on Flex Consumption, as a custom handler.'

param suffix string
param location string
param tags object
param identityId string
param identityClientId string
param hostStorageName string
param packageContainer string
param dataStorageName string
param namespaceName string
param hubName string
param consumerGroup string
param vaultUri string
param insightsName string
param retentionDays int
param publicAddress string
param maxInstances int
param alwaysReady array
param settings object
param otlpEndpoint string
param workspaceId string

@description('Subnet of the app; empty: none.')
param subnetId string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: hostStorageName
}

resource dataStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: dataStorageName
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: 'func-${suffix}'
  location: location
  tags: union(tags, { 'azd-service-name': 'trail' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
    }
    functionAppConfig: {
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maxInstances
        alwaysReady: alwaysReady
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostStorage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
    }
  }
}

// Plain values of the three connections are never set: they would win over the identity and bring a key back.
resource appSettings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'appsettings'
  properties: union({
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    AzureWebJobsStorage__blobServiceUri: hostStorage.properties.primaryEndpoints.blob
    AzureWebJobsStorage__queueServiceUri: hostStorage.properties.primaryEndpoints.queue
    AzureWebJobsStorage__tableServiceUri: hostStorage.properties.primaryEndpoints.table
    ActionTrailStorage__credential: 'managedidentity'
    ActionTrailStorage__clientId: identityClientId
    ActionTrailStorage__blobServiceUri: dataStorage.properties.primaryEndpoints.blob
    ActionTrailStorage__queueServiceUri: dataStorage.properties.primaryEndpoints.queue
    ActionTrailStorage__tableServiceUri: dataStorage.properties.primaryEndpoints.table
    EventHubConnection__credential: 'managedidentity'
    EventHubConnection__clientId: identityClientId
    EventHubConnection__fullyQualifiedNamespace: '${namespaceName}.servicebus.windows.net'
    EventHubName: hubName
    EventHubConsumerGroup: consumerGroup
    ScheduleDeliveriesCron: '*/3 * * * * *'
    CompactSegmentsCron: '0 * * * * *'
    SealCheckpointsCron: '40 * * * * *'
    SealDigestsCron: '0 */5 * * * *'
    PurgeExpiredEventsCron: '0 30 * * * *'
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    ActionTrail__OperatorKey: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/operator-key)'
    ActionTrail__EncryptionKey: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/encryption-key)'
    ActionTrail__Checkpoints__Key: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/checkpoint-key)'
    ActionTrail__Checkpoints__Origin: '${app.name}.azurewebsites.net/history'
    ActionTrail__SigningKeys: '${vaultUri}keys/digests'
    ActionTrail__Region: location
    ActionTrail__RetentionDays: string(retentionDays)
    ActionTrail__PublicAddress: publicAddress
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint
  }, settings)
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource appMetrics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: app
  properties: {
    workspaceId: workspaceId
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output appName string = app.name
output address string = 'https://${app.properties.defaultHostName}'
