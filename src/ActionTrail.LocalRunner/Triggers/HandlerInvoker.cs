using System.Net.Http.Headers;
using System.Text.Json;
using ActionTrail.LocalRunner.Hosting;

namespace ActionTrail.LocalRunner.Triggers;

/// <summary>
/// <c>POST /{function}</c>, chunked, with the two X-Azure-Functions headers. 2xx with a JSON object is success; another status, another type or
/// broken JSON is failure; 204, an empty body or <c>null</c> never ends (on the real host too) until functionTimeout kills the handler.
/// </summary>
internal sealed class HandlerInvoker(HttpClient client, IHandlerEndpoint handler, TimeSpan? functionTimeout, TimeProvider clock, RunnerOutput output) : IInvoker
{
    public const string HostVersion = "4.1037.0.0";

    public async Task<InvocationOutcome> InvokeAsync(string functionName, Guid invocationId, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var address = await handler.WaitReadyAsync(cancellationToken);
        using var timeout = new CancellationTokenSource(functionTimeout ?? Timeout.InfiniteTimeSpan, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await PostAsync(new Uri(address, functionName), functionName, invocationId, body, either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            handler.KillAfterTimeout(functionName);
            return InvocationOutcome.Failure(0, $"functionTimeout of {functionTimeout} passed without an answer");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return InvocationOutcome.Failure(0, "the handler broke the connection off: " + e.Message);
        }
    }

    private async Task<InvocationOutcome> PostAsync(Uri address, string functionName, Guid invocationId, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.TransferEncodingChunked = true;
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Azure-Functions-Host", HostVersion));
        request.Headers.Add("X-Azure-Functions-HostVersion", HostVersion);
        request.Headers.Add("X-Azure-Functions-InvocationId", invocationId.ToString("D"));
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var status = (int)response.StatusCode;
        if (!response.IsSuccessStatusCode)
        {
            return InvocationOutcome.Failure(status, $"Response status code does not indicate success: {status} ({response.ReasonPhrase}).");
        }

        if (status == 204 || answer.Length == 0 || answer.AsSpan().Trim((byte)' ').SequenceEqual("null"u8))
        {
            output.Warn($"{functionName} answered {status} without a JSON object: the host waits for one until functionTimeout; answer 200 with at least {{}}");
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken);
        }

        return response.Content.Headers.ContentType?.MediaType == "application/json"
            ? ReadAnswer(functionName, answer)
            : InvocationOutcome.Failure(status, $"the answer is {response.Content.Headers.ContentType?.ToString() ?? "without a type"}, not application/json");
    }

    private InvocationOutcome ReadAnswer(string functionName, byte[] answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return InvocationOutcome.Failure(200, "the answer is not a JSON object");
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals("Logs") && property.Value.ValueKind == JsonValueKind.Array)
                {
                    foreach (var line in property.Value.EnumerateArray())
                    {
                        output.Relay(functionName, line.ToString());
                    }
                }
                else if (property.NameEquals("Outputs") && property.Value is { ValueKind: JsonValueKind.Object } outputs && outputs.EnumerateObject().Any())
                {
                    output.Warn($"{functionName} returned outputs; no function of the runner has output bindings, so nothing is written");
                }
            }

            return InvocationOutcome.Success;
        }
        catch (JsonException e)
        {
            return InvocationOutcome.Failure(200, "the answer is not JSON: " + e.Message);
        }
    }
}
