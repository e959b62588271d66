using System.Globalization;

namespace ActionTrail.LocalRunner.Demo;

/// <summary>What the tour leaves behind for somebody who wants to go on: addresses and commands to paste.</summary>
internal static class DemoHints
{
    /// <summary>A JSON array with one event that has every required field.</summary>
    public static string EventJson(string account, string eventId, DateTimeOffset time) =>
        $$"""
        [{"eventId":"{{eventId}}","eventVersion":1,"eventTime":"{{time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}}","eventType":"ApiCall","eventName":"OpenDoor","eventRW":"Write","eventSource":"door.example.com","serviceName":"Door","acsRegion":"eu-central-1","requestId":"{{eventId}}","sourceIpAddress":"192.0.2.7","userAgent":"curl","resourceType":"Example::Door","resourceName":"front-door","recipientAccountId":"{{account}}","userIdentity":{"type":"ram-user","accountId":"{{account}}","userName":"alice"} }]
        """;

    /// <param name="context">Addresses and the terminal.</param>
    /// <param name="administrator">May look up and read trails.</param>
    /// <param name="publisher">May send events.</param>
    /// <param name="firstObject">Signed address of a delivered object.</param>
    /// <param name="now">Time of the event to send.</param>
    public static void Print(DemoContext context, DemoApi administrator, DemoApi publisher, Uri firstObject, DateTimeOffset now)
    {
        var output = context.Output;
        if (context.Exit)
        {
            output.WriteLine("Without --exit everything keeps running, and the commands to go on with are printed here.");
            return;
        }

        var root = context.BaseAddress;
        output.WriteLine($"""

            Addresses
              API          {root}
              console      {root}console/ (sign in with the id and the secret below)
              event hub    {context.EventHubAddress}{context.EventHubName}/messages (key {context.EventHubKeyName})

            Try
              curl -u {administrator.CurlUser} "{root}v1/events?eventName=DeleteDisk&pageSize=5"
              curl -u {administrator.CurlUser} "{root}v1/events?user=alice.adams&eventRW=Write&pageSize=5"
              curl -u {administrator.CurlUser} "{root}v1/trails/{DemoDelivery.TrailName}/status"
              curl -s "{firstObject.AbsoluteUri}" | gunzip | head -c 1000
              curl -u {publisher.CurlUser} -H "Content-Type: application/json" -d '{EventJson("demo", "my-first-event", now)}' "{root}v1/events"
              curl -u {administrator.CurlUser} "{root}v1/events/my-first-event"
            """);
    }
}
