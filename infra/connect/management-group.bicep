targetScope = 'managementGroup'

metadata description = 'Sends the Activity Log of this management group to the event hub: what happens to the group itself. Subscriptions below it need a setting of their own (subscription.bicep). Deploy with: az deployment mg create'

@description('Output ACTIONTRAIL_DIAGNOSTICS_RULE_ID of main.bicep, deployed with acceptDiagnosticSettings.')
param authorizationRuleId string

@description('The event hub.')
param hubName string = 'audit-events'

@description('Name of the diagnostic setting.')
param settingName string = 'actiontrail'

@description('Categories that a management group has.')
param categories array = [
  'Administrative'
  'Policy'
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
