targetScope = 'tenant'

metadata description = 'Sends audit and sign-in logs of Entra ID to the event hub. Needs Security Administrator, and a P1 or P2 licence for sign-ins. Deploy with: az deployment tenant create'

@description('Output ACTIONTRAIL_DIAGNOSTICS_RULE_ID of main.bicep, deployed with acceptDiagnosticSettings.')
param authorizationRuleId string

@description('The event hub.')
param hubName string = 'audit-events'

@description('Name of the diagnostic setting.')
param settingName string = 'actiontrail'

@description('Categories to send.')
param categories array = [
  'AuditLogs'
  'SignInLogs'
  'NonInteractiveUserSignInLogs'
  'ServicePrincipalSignInLogs'
  'ManagedIdentitySignInLogs'
  'ProvisioningLogs'
  'RiskyUsers'
  'UserRiskEvents'
]

resource entraLogs 'microsoft.aadiam/diagnosticSettings@2017-04-01' = {
  name: settingName
  properties: {
    eventHubAuthorizationRuleId: authorizationRuleId
    eventHubName: hubName
    logs: [for category in categories: {
      category: category
      enabled: true
    }]
  }
}

output settingId string = entraLogs.id
