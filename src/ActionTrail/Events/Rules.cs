namespace ActionTrail.Events;

/// <summary>The sentences that refusals carry. They name the rule, never the value.</summary>
internal static class Rules
{
    public const string Empty = "A message must hold at least one record.";
    public const string NotJson = "A record must be one complete JSON object (RFC 8259).";
    public const string BrokenArray = "An array of records must be well-formed JSON; the records before the fault were taken.";
    public const string NotAnObject = "A record must be a JSON object.";
    public const string TooManyBroken = "The rest of a message is not read once too many of its records are no JSON objects.";
    public const string NestedText = "JSON text inside a JSON string is read one level deep only.";
    public const string MixedWrapper = "An object that wraps records must have no event fields of its own.";
    public const string Utf8 = "Text must be valid UTF-8.";
    public const string Surrogates = "Text must not hold half of a surrogate pair.";
    public const string EventBytes = "An event must not be longer than the limit (1 MiB unless configured).";
    public const string Depth = "Objects and arrays must not nest deeper than the limit (60 levels unless configured).";
    public const string Gzip = "A gzip message must be complete and undamaged.";
    public const string Inflated = "A gzip message must not inflate beyond the limit (64 MiB, and 250 times its size, unless configured).";
    public const string Format = "A record must be an ActionTrail event, a platform event, a CloudEvent 1.0, or a record of Azure Monitor, CloudTrail or Google Cloud audit logs.";
    public const string Digest = "A digest file of CloudTrail lists delivered files; send the files themselves.";
    public const string Envelope = "An envelope must carry events: CloudTrail through EventBridge (detail-type ending in \"via CloudTrail\"), SNS or a lookup, or base64 data through Pub/Sub.";
    public const string EnvelopeDepth = "Envelopes must not be nested more than three deep.";
    public const string GoogleAudit = "A LogEntry of Google Cloud must hold an AuditLog in protoPayload; other payloads are no audit events.";
    public const string GoogleAccount = "A LogEntry must name its account: resource.labels.project_id, or a logName that starts with projects, folders, organizations or billingAccounts and an id.";
    public const string PlatformAccount = "A platform event must name the account that owns the resource: 1-64 letters, digits, dots, underscores or hyphens.";
    public const string PlatformTime = "The field must be an ISO time with Z or an offset, or Unix seconds or milliseconds.";
    public const string Required = "The field is required and must not be empty.";
    public const string AccountRequired = "An event must name its account in recipientAccountId or userIdentity.accountId.";
    public const string Account = "An account id must be 1-64 letters, digits, dots, underscores or hyphens and start with a letter or digit.";
    public const string Twice = "A known field must not appear twice.";
    public const string Text = "The field must be a string.";
    public const string Flag = "The field must be true or false.";
    public const string Object = "The field must be an object.";
    public const string TextOrInteger = "The field must be a string or an integer.";
    public const string References = "Each referenced resource type must map to an array of strings.";
    public const string Time = "The field must be a time like 2026-01-31T23:59:59Z, with up to nine fraction digits and Z or an offset of at most 14 hours.";
    public const string TooOld = "The event time must not lie before the retention (90 days before the receive time unless configured).";
    public const string TooFarAhead = "The event time must not lie more than the tolerance (one day unless configured) after the receive time.";
    public const string AzureTime = "The field must be an ISO time, or month/day/year with a time of day.";
    public const string AzureAccount = "A record must name its account: a subscription in resourceId or a tenant, 1-64 letters, digits, dots, underscores or hyphens.";
    public const string EventId = "An event id must be 1-128 printable ASCII characters.";
    public const string ReadOrWrite = "The field must be Read or Write.";
    public const string Values = "An event must not have more than 1,024 different searchable values.";
}
