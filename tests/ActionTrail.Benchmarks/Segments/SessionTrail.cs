using System.Globalization;
using System.Text;

namespace ActionTrail.Benchmarks.Segments;

/// <summary>
/// CloudTrail records as an account makes them, by seed: a dozen principals work in sessions. A session has one access key, address, agent and start;
/// it goes through a routine of calls on a few resources again and again. Roles of monitors wake every few minutes, some sessions sweep
/// all regions, one in ten calls is refused. Its size, its whole-file gzip and its 64 KiB blocks are held to those of 2,900 real records
/// (<see cref="SessionTrailLoad"/>).
/// </summary>
internal sealed class SessionTrail(int seed)
{
    private const string Account = "123837392027";

    private static readonly string[] Regions =
    [
        "us-east-1", "eu-west-1", "us-west-2", "eu-central-1", "ap-southeast-1", "us-east-2", "us-west-1", "eu-west-2", "eu-west-3", "eu-north-1",
        "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-2", "ca-central-1", "sa-east-1",
    ];

    private static readonly string[] Agents =
    [
        "aws-cli/2.15.30 Python/3.11.8 Linux/5.10.210-201.852.amzn2.x86_64 exe/x86_64.amzn.2 prompt/off command/", "Boto3/1.34.61 md/Botocore#1.34.61 ua/2.0 os/linux#6.1.79 md/arch#x86_64 lang/python#3.12.2 md/pyimpl#CPython Botocore/1.34.61",
        "APN/1.0 HashiCorp/1.0 Terraform/1.7.4 (+https://www.terraform.io) terraform-provider-aws/5.40.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.25.2 os/linux lang/go#1.21.8",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36", "aws-sdk-java/1.12.681 Linux/5.10.209 OpenJDK_64-Bit_Server_VM/17.0.10 java/17.0.10 vendor/Amazon.com_Inc. cfg/retry-mode/standard",
    ];

    private readonly Random random = new(seed);
    private readonly List<Session> sessions = [];
    private readonly Dictionary<char, string[]> pools = [];
    private DateTimeOffset now = HubPayloadMaker.Start;

    /// <summary>Records in order of time, without end: some 2,900 a day.</summary>
    public IEnumerable<byte[]> Records()
    {
        FillPools();
        while (true)
        {
            while (sessions.Count < 5)
                sessions.Add(Open());
            var session = sessions[random.Next(sessions.Count)];
            // A burst of one session, then a pause.
            for (var left = Math.Min(session.Left, 3 + random.Next(25)); left > 0; left--, session.Left--)
            {
                now = now.AddMilliseconds(50 + random.Next(1500));
                yield return Encoding.UTF8.GetBytes(Record(session));
            }

            now = now.AddSeconds(60 + random.Next(780));
            if (session.Left == 0 || now - session.Start > TimeSpan.FromHours(1))
                sessions.Remove(session);
        }
    }

    private void FillPools()
    {
        pools['i'] = Many(60, () => "i-0" + Hex(16));
        pools['v'] = Many(3, () => "vpc-0" + Hex(16));
        pools['s'] = Many(30, () => "sg-0" + Hex(16));
        pools['b'] = Many(60, () => $"contoso-{Word()}-{Word()}-{Hex(6)}");
        pools['r'] = Many(50, () => $"{Word()}-{Word()}-role");
        pools['u'] = Many(12, () => $"{Word()}.{Word()}");
        pools['k'] = Many(8, Guid);
        pools['f'] = Many(20, () => $"{Word()}-{Word()}-handler");
        pools['l'] = Many(15, () => $"/aws/lambda/{Word()}-{Word()}");
    }

    private Session Open()
    {
        var principal = random.Next(14);
        var isUser = principal >= 8;
        var working = pools.ToDictionary(static pool => pool.Key, pool => Many(1 + random.Next(6), () => pool.Value[random.Next(pool.Value.Length)]));
        var routine = Many(4 + random.Next(16), () => SessionTrailCalls.All[(int)(SessionTrailCalls.All.Count * Math.Pow(random.NextDouble(), 1.6))]);
        var name = isUser ? pools['u'][principal - 8] : pools['r'][principal];
        return new()
        {
            Start = now,
            Left = 10 + random.Next(110),
            Identity = isUser ? User(name, principal) : Role(name, principal, random.Next(3) == 0 ? pools['u'][random.Next(3)] : pools['i'][principal]),
            Address = $"{52 + principal}.{17 * principal % 251}.{random.Next(2)}.{40 + random.Next(3)}",
            Agent = Agents[principal % Agents.Length],
            Region = Regions[Math.Min(random.Next(4), random.Next(4))],
            Sweeps = random.Next(4) == 0,
            ShowsTls = random.Next(10) < 3,
            Routine = routine,
            Working = working,
            RefusedCall = random.Next(100) < 60 ? random.Next(routine.Length) : -1,
        };
    }

    private string Record(Session session)
    {
        var step = session.Step++;
        var at = step % session.Routine.Length;
        var call = session.Routine[at];
        var region = call.IsGlobal ? "us-east-1" : session.Sweeps ? Regions[step / session.Routine.Length % Regions.Length] : session.Region;
        var request = Guid();
        var isRefused = at == session.RefusedCall || random.Next(50) == 0;
        var agent = session.Agent.EndsWith("command/", StringComparison.Ordinal) ? $"{session.Agent}{call.Source}.{Dashed(call.Name)}" : session.Agent;
        var text = new StringBuilder(2000)
            .Append("{\"eventVersion\":\"1.09\",\"userIdentity\":").Append(session.Identity)
            .Append(CultureInfo.InvariantCulture, $",\"eventTime\":\"{now:yyyy-MM-ddTHH:mm:ssZ}\",\"eventSource\":\"{call.Source}.amazonaws.com\",\"eventName\":\"{call.Name}\",\"awsRegion\":\"{region}\",\"sourceIPAddress\":\"{session.Address}\",\"userAgent\":\"{agent}\"");
        if (isRefused)
            text.Append(CultureInfo.InvariantCulture, $",\"errorCode\":\"AccessDenied\",\"errorMessage\":\"User: {session.Arn} is not authorized to perform: {call.Source}:{call.Name} because no identity-based policy allows the {call.Source}:{call.Name} action\"");
        text.Append(",\"requestParameters\":").Append(Fill(call.Parameters, session, region, request))
            .Append(",\"responseElements\":").Append(isRefused ? "null" : Fill(call.Response, session, region, request))
            .Append(CultureInfo.InvariantCulture, $",\"requestID\":\"{request}\",\"eventID\":\"{Guid()}\",\"readOnly\":{(call.IsRead ? "true" : "false")},");
        if (call.Source is "s3" or "kms")
            text.Append(CultureInfo.InvariantCulture, $"\"resources\":[{{\"accountId\":\"{Account}\",\"type\":\"{(call.Source == "s3" ? "AWS::S3::Bucket" : "AWS::KMS::Key")}\",\"ARN\":\"{(call.Source == "s3" ? $"arn:aws:s3:::{session.Working['b'][0]}" : $"arn:aws:kms:{region}:{Account}:key/{session.Working['k'][0]}")}\"}}],");
        if (call.Source == "s3")
            text.Append(CultureInfo.InvariantCulture, $"\"additionalEventData\":{{\"SignatureVersion\":\"SigV4\",\"CipherSuite\":\"ECDHE-RSA-AES128-GCM-SHA256\",\"bytesTransferredIn\":0,\"AuthenticationMethod\":\"AuthHeader\",\"x-amz-id-2\":\"{Base64(56)}\",\"bytesTransferredOut\":{random.Next(200, 900)}}},");
        text.Append("\"eventType\":\"AwsApiCall\",\"managementEvent\":true,\"recipientAccountId\":\"").Append(Account)
            .Append("\",\"eventCategory\":\"Management\"");
        if (session.ShowsTls)
            text.Append(CultureInfo.InvariantCulture, $",\"tlsDetails\":{{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\"{call.Source}.{region}.amazonaws.com\"}}");
        return text.Append('}').ToString();
    }

    private string Fill(string template, Session session, string region, string request)
    {
        var text = new StringBuilder(template.Length + 64);
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] != '$' || i + 1 == template.Length || char.IsAsciiLetterUpper(template[i + 1]))
            {
                text.Append(template[i]);
                continue;
            }

            var letter = template[++i];
            text.Append(letter switch
            {
                'a' => Account,
                'g' => region,
                'x' => Hex(16),
                'n' => random.Next(1_000_000, 9_000_000).ToString(CultureInfo.InvariantCulture),
                't' => now.ToString("MMM d, yyyy h:mm:ss tt", CultureInfo.InvariantCulture),
                'q' => request,
                _ => session.Working[letter][random.Next(session.Working[letter].Length)],
            });
        }

        return text.ToString();
    }

    private string User(string name, int principal) =>
        $$"""{"type":"IAMUser","principalId":"AIDA{{Stable(principal, 17)}}","arn":"arn:aws:iam::{{Account}}:user/{{name}}","accountId":"{{Account}}","accessKeyId":"AKIA{{Stable(principal + 50, 16)}}","userName":"{{name}}"}""";

    private string Role(string role, int principal, string session) =>
        $$"""{"type":"AssumedRole","principalId":"AROA{{Stable(principal, 17)}}:{{session}}","arn":"arn:aws:sts::{{Account}}:assumed-role/{{role}}/{{session}}","accountId":"{{Account}}","accessKeyId":"ASIA{{Letters(random, 16)}}","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA{{Stable(principal, 17)}}","arn":"arn:aws:iam::{{Account}}:role/{{role}}","accountId":"{{Account}}","userName":"{{role}}"},"attributes":{"creationDate":"{{now:yyyy-MM-ddTHH:mm:ssZ}}","mfaAuthenticated":"false" """.TrimEnd() + "}}}";

    private static string Stable(int number, int length) => Letters(new Random(number), length);

    private static string Letters(Random source, int length) => new(source.GetItems<char>("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", length));

    private static T[] Many<T>(int count, Func<T> make) => [.. Enumerable.Range(0, count).Select(_ => make())];

    private string Hex(int digits) => new(random.GetItems<char>("0123456789abcdef", digits));

    private string Base64(int bytes)
    {
        var noise = new byte[bytes];
        random.NextBytes(noise);
        return Convert.ToBase64String(noise);
    }

    private string Word() => random.GetItems<string>(["orders", "billing", "ingest", "audit", "portal", "search", "mail", "report", "stage", "data", "deploy", "backup", "metrics", "alpha", "login", "edge"], 1)[0];

    private string Guid()
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }

    private static string Dashed(string name) => string.Concat(name.Select(static (one, at) => char.IsAsciiLetterUpper(one) ? (at == 0 ? "" : "-") + char.ToLowerInvariant(one) : one.ToString()));

    private sealed class Session
    {
        public required DateTimeOffset Start { get; init; }

        public required string Identity { get; init; }

        public required string Address { get; init; }

        public required string Agent { get; init; }

        public required string Region { get; init; }

        public required bool Sweeps { get; init; }

        public required bool ShowsTls { get; init; }

        public required SessionCall[] Routine { get; init; }

        public required Dictionary<char, string[]> Working { get; init; }

        public required int RefusedCall { get; init; }

        public int Left { get; set; }

        public int Step { get; set; }

        public string Arn => Identity[(Identity.IndexOf("arn:", StringComparison.Ordinal))..Identity.IndexOf("\",\"accountId", StringComparison.Ordinal)];
    }
}
