metadata description = 'The vault with the secrets of the app. The app reads them through Key Vault references in its settings.'

param suffix string
param location string
param tags object

@secure()
param operatorKey string

@secure()
param encryptionKey string

@secure()
param checkpointKey string

param workspaceId string

@description('Whether only private endpoints reach the vault.')
param isPrivate bool

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: 'kv-${suffix}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    // A lost encryption key voids every access key: nobody can purge it.
    enablePurgeProtection: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'AzureServices'
    }
  }
}

resource operatorSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(operatorKey)) {
  parent: vault
  name: 'operator-key'
  properties: {
    value: operatorKey
  }
}

resource encryptionSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(encryptionKey)) {
  parent: vault
  name: 'encryption-key'
  properties: {
    value: encryptionKey
  }
}

resource checkpointSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(checkpointKey)) {
  parent: vault
  name: 'checkpoint-key'
  properties: {
    value: checkpointKey
  }
}

// Signs digests inside the vault; nobody can take it out. A new version rotates it, old ones stay for verification.
resource digestKey 'Microsoft.KeyVault/vaults/keys@2024-11-01' = {
  parent: vault
  name: 'digests'
  properties: {
    kty: 'RSA'
    keySize: 2048
    keyOps: ['sign', 'verify']
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'audit'
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

output vaultName string = vault.name
output vaultId string = vault.id
output vaultUri string = vault.properties.vaultUri
