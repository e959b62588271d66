using ActionTrail.LocalRunner.Triggers;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>One folder with a <c>function.json</c>: its name and its trigger, all <c>%NAME%</c> resolved.</summary>
internal sealed record FunctionDefinition(string Name, TriggerDefinition Trigger);

/// <summary>The trigger binding. <paramref name="BindingName"/> is the key under <c>Data</c> of an invocation.</summary>
internal abstract record TriggerDefinition(string BindingName);

/// <summary>Method names in upper case; the route is an ASP.NET route template without the prefix.</summary>
internal sealed record HttpTriggerDefinition(string BindingName, string Route, IReadOnlyList<string> Methods) : TriggerDefinition(BindingName);

internal sealed record EventHubTriggerDefinition(string BindingName, string EventHubName, string ConsumerGroup, string Connection, bool Binary, RetryPolicy? Retry) : TriggerDefinition(BindingName);

internal sealed record QueueTriggerDefinition(string BindingName, string QueueName, string Connection) : TriggerDefinition(BindingName);

internal sealed record TimerTriggerDefinition(string BindingName, string Schedule, bool RunOnStartup, bool UseMonitor) : TriggerDefinition(BindingName);
