using 'main.bicep'

// For azd and for trying out: small, public endpoints, values from the environment. azure.yaml makes the three keys once.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'actiontrail')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param operatorKey = readEnvironmentVariable('ACTIONTRAIL_OPERATOR_KEY', '')
param encryptionKey = readEnvironmentVariable('ACTIONTRAIL_ENCRYPTION_KEY', '')
param checkpointKey = readEnvironmentVariable('ACTIONTRAIL_CHECKPOINT_KEY', '')
param dataRedundancy = 'Standard_LRS'
param partitions = 2
param maxThroughputUnits = 2
param objectLockDays = 1
param logRetentionDays = 30
