using System.Net;
using ActionTrail.Cli.Connection;

namespace ActionTrail.Cli.Send;

/// <summary><c>POST /v1/events</c>: stored when it answers; refusals name their records.</summary>
internal sealed class ApiTarget(ApiClient api) : ISendTarget
{
    public string Description => api.Description;

    /// <summary>The API's own limit (docs/api.md).</summary>
    public int MaxBodyBytes => 16 << 20;

    public async Task<SendAnswer> SendAsync(ReadOnlyMemory<byte> body, string contentType, CancellationToken cancellationToken)
    {
        var answer = await api.PostAsync("v1/events", body, contentType, cancellationToken);
        if (answer.Status == HttpStatusCode.OK)
            return SendAnswer.Accepted;
        var problem = Problem.Parse(answer.Body);
        return new SendAnswer(false, problem.Faults.Count > 0 ? problem.Faults : [new ProblemFault("", problem.Text)]);
    }

    public void Dispose() => api.Dispose();
}
