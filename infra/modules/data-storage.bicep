metadata description = 'The data account: events, quarantine, state, work queues, and the containers that trails deliver to. Apart from the host account: other roles, other limits, other blast radius.'

param suffix string
param location string
param tags object
param redundancy string

@description('Containers that trails deliver to.')
param trailContainers array

@description('Days for which what trails deliver cannot be changed or deleted.')
param objectLockDays int

param workspaceId string

@description('Whether only private endpoints reach the account.')
param isPrivate bool

@description('Days that a deleted or overwritten blob can be had back.')
@minValue(1)
@maxValue(365)
param undeleteDays int = 14

// The app makes what is missing at its start. They are here too so that roles could be narrowed to them, and for the alerts.
var queues = [
  'deliver-blob'
  'deliver-history'
  'deliver-logstore'
  'deliver-stream'
]
var containers = [
  'events'
  'quarantine'
  'proofs'
]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'stdata${suffix}'
  location: location
  tags: tags
  sku: {
    name: redundancy
  }
  kind: 'StorageV2'
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'AzureServices'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: {
      enabled: true
      days: undeleteDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: undeleteDays
    }
  }
}

resource ownContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [for container in containers: {
  parent: blobs
  name: container
  properties: {
    publicAccess: 'None'
  }
}]

resource deliveryContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [for container in trailContainers: {
  parent: blobs
  name: container
  properties: {
    publicAccess: 'None'
  }
}]

// Objects and digests are written once and never again, which is all that write once, read many allows.
resource worm 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-06-01' = [for (container, i) in trailContainers: {
  parent: deliveryContainers[i]
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: objectLockDays
    allowProtectedAppendWrites: false
  }
}]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource workQueues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [for queue in queues: {
  parent: queueService
  name: queue
}]

resource poisonQueues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [for queue in queues: {
  parent: queueService
  name: '${queue}-poison'
}]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = {
  parent: account
  name: 'default'
}

// The purge deletes events; versions of what it deleted are the lifecycle's. Delivered objects are never deleted here.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  dependsOn: [blobs]
  properties: {
    policy: {
      rules: [
        {
          name: 'forget-old-versions'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: map(containers, container => '${container}/')
            }
            actions: {
              version: {
                delete: {
                  daysAfterCreationGreaterThan: undeleteDays
                }
              }
            }
          }
        }
        {
          name: 'cool-delivered-objects'
          enabled: !empty(trailContainers)
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: map(trailContainers, container => '${container}/')
            }
            actions: {
              baseBlob: {
                tierToCool: {
                  daysAfterModificationGreaterThan: 30
                }
                tierToCold: {
                  daysAfterModificationGreaterThan: 120
                }
              }
            }
          }
        }
      ]
    }
  }
}

// Who wrote or deleted evidence behind the API is known. Reads are left out: the app's own are millions.
resource blobAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'Transaction'
        enabled: true
      }
    ]
  }
}

resource tableAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: tableService
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'Transaction'
        enabled: true
      }
    ]
  }
}

resource queueMetrics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: queueService
  properties: {
    workspaceId: workspaceId
    metrics: [
      {
        category: 'Transaction'
        enabled: true
      }
    ]
  }
}

output accountName string = account.name
output accountId string = account.id
