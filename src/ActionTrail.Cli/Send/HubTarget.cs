using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ActionTrail.Cli.Connection;
using ActionTrail.Generator;

namespace ActionTrail.Cli.Send;

/// <summary>
/// The HTTPS send call of an event hub: each body becomes one message. Accepted means durable in the hub; what the service thinks of its
/// records shows in the quarantine.
/// </summary>
internal sealed class HubTarget(Surroundings around, EventHubEndpoint hub, int retries) : ISendTarget
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(1);

    private readonly RetryingHttp http = new(around, retries);

    public string Description => $"{hub.Address.AbsoluteUri}{hub.Hub} as {hub.KeyName}";

    /// <summary>1 MiB less what the hub counts beside the body.</summary>
    public int MaxBodyBytes => (1 << 20) - 4096;

    public async Task<SendAnswer> SendAsync(ReadOnlyMemory<byte> body, string contentType, CancellationToken cancellationToken)
    {
        var answer = await http.SendAsync(() => Request(body, contentType), readsBody: true, cancellationToken);
        return answer.Status switch
        {
            HttpStatusCode.Created => SendAnswer.Accepted,
            HttpStatusCode.RequestEntityTooLarge => new SendAnswer(false, [new ProblemFault("", "The event hub takes no message of this size.")]),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw Refused(ExitCode.Denied, answer),
            HttpStatusCode.NotFound => throw Refused(ExitCode.NotFound, answer),
            _ => throw Refused(ExitCode.Unavailable, answer),
        };
    }

    public void Dispose() => http.Dispose();

    private HttpRequestMessage Request(ReadOnlyMemory<byte> body, string contentType)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, hub.SendAddress) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        request.Headers.TryAddWithoutValidation("Authorization", hub.Token(around.Time.GetUtcNow() + TokenLife));
        return request;
    }

    private static CliException Refused(int exitCode, HttpAnswer answer) =>
        new(exitCode, string.Create(CultureInfo.InvariantCulture, $"the event hub answered {(int)answer.Status}: {Problem.Parse(answer.Body).Text}"));
}
