metadata description = 'Every role that anybody gets, in one place. README.md says why each.'

param principalId string
param hostStorageName string
param dataStorageName string
param namespaceName string
param hubName string
param vaultName string
param insightsName string

@description('Service principals that send events.')
param publisherPrincipalIds array

@description('Groups that read stored and delivered objects.')
param auditorGroupIds array

var roles = {
  blobOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  queueContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  eventHubReceiver: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'
  eventHubSender: '2b629674-e913-4c01-ae53-ef4638d8f975'
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  cryptoUser: '12338af0-0e69-4776-bea7-57ae8d297424'
  metricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
}
// The host's leases, keys, checkpoints and package; its diagnostic events.
var hostRoles = [roles.blobOwner, roles.tableContributor]
// Containers, tables and queues are made by the app when they are missing, hence the whole account.
var dataRoles = [roles.blobContributor, roles.tableContributor, roles.queueContributor]
// Reads the secrets that settings refer to; signs digests.
var vaultRoles = [roles.secretsUser, roles.cryptoUser]

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: hostStorageName
}

resource dataStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: dataStorageName
}

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' existing = {
  name: namespaceName
}

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' existing = {
  parent: namespace
  name: hubName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource onHostStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in hostRoles: {
  name: guid(hostStorage.id, principalId, role)
  scope: hostStorage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

resource onDataStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in dataRoles: {
  name: guid(dataStorage.id, principalId, role)
  scope: dataStorage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

resource onHub 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hub.id, principalId, roles.eventHubReceiver)
  scope: hub
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventHubReceiver)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource onVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in vaultRoles: {
  name: guid(vault.id, principalId, role)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

resource onInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, principalId, roles.metricsPublisher)
  scope: insights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.metricsPublisher)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource publishers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for publisher in publisherPrincipalIds: {
  name: guid(hub.id, publisher, roles.eventHubSender)
  scope: hub
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventHubSender)
    principalId: publisher
    principalType: 'ServicePrincipal'
  }
}]

resource auditors 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for auditor in auditorGroupIds: {
  name: guid(dataStorage.id, auditor, roles.blobReader)
  scope: dataStorage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobReader)
    principalId: auditor
    principalType: 'Group'
  }
}]
