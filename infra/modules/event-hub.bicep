metadata description = 'The event hub that publishers send to, with the consumer group that is the app\'s alone.'

param suffix string
param location string
param tags object
param hubName string
param consumerGroup string
param partitions int
param retentionDays int
param maxThroughputUnits int

@description('Whether Azure Monitor may send to the hub. It signs with a shared key, which the namespace then has to allow.')
param acceptDiagnosticSettings bool

param workspaceId string

@description('Whether only private endpoints reach the namespace; trusted Azure services, Azure Monitor among them, always do.')
param isPrivate bool

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: 'evhns-${suffix}'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
    tier: 'Standard'
    capacity: 1
  }
  properties: {
    disableLocalAuth: !acceptDiagnosticSettings
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    isAutoInflateEnabled: true
    maximumThroughputUnits: maxThroughputUnits
  }
}

resource networkRules 'Microsoft.EventHub/namespaces/networkRuleSets@2024-01-01' = {
  parent: namespace
  name: 'default'
  properties: {
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    defaultAction: isPrivate ? 'Deny' : 'Allow'
    trustedServiceAccessEnabled: true
  }
}

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: hubName
  properties: {
    partitionCount: partitions
    retentionDescription: {
      cleanupPolicy: 'Delete'
      retentionTimeInHours: retentionDays * 24
    }
  }
}

resource group 'Microsoft.EventHub/namespaces/eventhubs/consumergroups@2024-01-01' = {
  parent: hub
  name: consumerGroup
}

// Azure Monitor asks for all three rights.
resource diagnosticsRule 'Microsoft.EventHub/namespaces/authorizationRules@2024-01-01' = if (acceptDiagnosticSettings) {
  parent: namespace
  name: 'azure-monitor'
  properties: {
    rights: ['Listen', 'Manage', 'Send']
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: namespace
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output namespaceName string = namespace.name
output namespaceId string = namespace.id
output diagnosticsRuleId string = acceptDiagnosticSettings ? diagnosticsRule.id : ''
