namespace ActionTrail.Events.CloudEvents;

/// <summary>The sentences that refusals of CloudEvents carry.</summary>
internal static class CloudEventRules
{
    public const string Declared = "A message whose content type is application/cloudevents+json or application/cloudevents-batch+json must hold CloudEvents.";
    public const string OtherFormat = "CloudEvents are read in the JSON format, or in binary mode with attributes beside the data.";
    public const string Version = "The version of a CloudEvent must be 1.0.";
    public const string Required = "The attribute is required and must be a string that is not empty.";
    public const string Text = "The attribute must be a string.";
    public const string Name = "The name of an attribute must be made of the letters a-z and digits.";
    public const string Twice = "An attribute must not appear twice.";
    public const string Time = "The attribute must be a time as RFC 3339 says, like 2026-01-31T23:59:59Z, with an offset of at most 14 hours.";
    public const string OneData = "A CloudEvent must not have both data and data_base64.";
    public const string Base64 = "The member must be Base64 (RFC 4648) in a string.";
    public const string Json = "Data whose content type is JSON must be one JSON value in UTF-8.";
    public const string Account = "An account id must be 1-64 letters, digits, dots, underscores or hyphens and start with a letter or digit.";
    public const string AccountRequired = "A CloudEvent must name its account: in the extension recipientaccountid or accountid, in data.recipientAccountId or data.userIdentity.accountId, or as /subscriptions/{id} in source or subject.";
}
