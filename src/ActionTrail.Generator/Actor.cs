using System.Text;

namespace ActionTrail.Generator;

internal enum ActorKind
{
    RamUser,
    AssumedRole,
    RootAccount,
    System,
}

/// <summary>Someone who calls: habits follow from the number, so that no state is kept per user.</summary>
internal readonly record struct Actor(int Index, ulong Seed)
{
    private static readonly byte[][] FirstNames = Split("alice bob carol david emma frank grace henry irene jack karen liam mia noah olivia peter quinn rosa samuel tina umar vera wei xin yuki zoe anna bruno chen diana elena felix gita hugo ines jun kofi lena marco nina omar paula qiang rania sven tariq uma victor wang yara");
    private static readonly byte[][] LastNames = Split("adams bauer costa diaz evans fischer garcia huang ivanov jensen kim lopez meyer nguyen okafor park quist rossi sato tanaka ueda vogel weber xu yilmaz zhang abbas brandt cheng dubois eriksen ferrari gupta hoang ito jones klein li martin novak");
    private static readonly byte[][] Roles = Split("deploy-pipeline readonly-audit ops-oncall data-export backup-runner terraform-apply k8s-node-role log-collector billing-report security-scan AliyunECSDefaultRole incident-response");
    private static readonly byte[][] Agents = Lines("""
        AlibabaCloud (Linux; amd64) Java/17.0.9+9 Core/4.6.3 HTTPClient/ApacheHttpClient
        AlibabaCloud (linux; amd64) Golang/1.21.5 Core/0.0.1 TeaDSL/1 Terraform/1.6.6 Provider/1.214.1
        AlibabaCloud (Linux; x86_64) Python/3.11.6 Core/2.14.0 python-requests/2.31.0
        Aliyun-CLI/3.0.198 (linux; amd64) Go/1.20.6
        AlibabaCloud (Windows NT 10.0; Win64; x64) .NET/8.0.1 Core/1.5.1
        Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36
        Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15
        Mozilla/5.0 (X11; Linux x86_64; rv:122.0) Gecko/20100101 Firefox/122.0
        AlibabaCloud (linux; arm64) Node.js/v20.11.0 Core/1.7.12 @alicloud/openapi-client
        aliyun-sdk-php/1.8.2 PHP/8.2.14 curl/8.5.0
        """);

    public ActorKind Kind => Index == 0 ? ActorKind.RootAccount : (Seed & 0xFF) switch { < 40 => ActorKind.AssumedRole, < 50 => ActorKind.System, _ => ActorKind.RamUser };

    /// <summary>The region this actor works in most.</summary>
    public int HomeRegion => (int)((Seed >> 8) & 0xFF);

    /// <summary>The service this actor uses most, as a number to take modulo the services.</summary>
    public int HomeService => (int)((Seed >> 16) & 0xFFFF);

    public ReadOnlySpan<byte> Agent => Agents[(int)((Seed >> 32) & 0xFFFF) % Agents.Length];

    public bool UsesMfa => (Seed >> 48 & 3) == 0;

    /// <summary>A user's name, unique within an account.</summary>
    public ReadOnlySpan<byte> Name(Span<byte> destination) => Kind == ActorKind.RootAccount ? Copy("root"u8, destination) : PersonName(destination);

    /// <summary>The role that an assumed-role actor takes; many actors take the same.</summary>
    public ReadOnlySpan<byte> Role => Roles[(int)(Seed >> 40 & 0xFF) % Roles.Length];

    private ReadOnlySpan<byte> PersonName(Span<byte> destination)
    {
        var first = FirstNames[Index % FirstNames.Length];
        var last = LastNames[Index / FirstNames.Length % LastNames.Length];
        var round = Index / (FirstNames.Length * LastNames.Length);
        first.CopyTo(destination);
        destination[first.Length] = (byte)'.';
        last.CopyTo(destination[(first.Length + 1)..]);
        var length = first.Length + 1 + last.Length;
        if (round == 0)
            return destination[..length];
        round.TryFormat(destination[length..], out var digits, default, System.Globalization.CultureInfo.InvariantCulture);
        return destination[..(length + digits)];
    }

    private static ReadOnlySpan<byte> Copy(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return destination[..text.Length];
    }

    private static byte[][] Split(string words) => [.. words.Split(' ').Select(Encoding.UTF8.GetBytes)];

    private static byte[][] Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Encoding.UTF8.GetBytes)];
}
