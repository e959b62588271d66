targetScope = 'subscription'

metadata description = 'Sends the Activity Log of this subscription to the event hub. Deploy with: az deployment sub create'

@description('Output ACTIONTRAIL_DIAGNOSTICS_RULE_ID of main.bicep, deployed with acceptDiagnosticSettings.')
param authorizationRuleId string

@description('The event hub.')
param hubName string = 'audit-events'

@description('Name of the diagnostic setting; a subscription has at most five.')
param settingName string = 'actiontrail'

@description('Categories of the Activity Log to send.')
param categories array = [
  'Administrative'
  'Security'
  'Policy'
  'ResourceHealth'
  'ServiceHealth'
  'Alert'
  'Autoscale'
  'Recommendation'
]

resource activityLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
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

output settingId string = activityLog.id
